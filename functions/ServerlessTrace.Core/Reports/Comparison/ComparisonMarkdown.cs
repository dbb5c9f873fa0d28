using System.Globalization;
using ServerlessTrace.Core.Analysis.Comparison;
using ServerlessTrace.Core.Reports.Markdown;

namespace ServerlessTrace.Core.Reports.Comparison;

/// <summary>The comparison of two traces as Markdown, in GitHub's dialect.</summary>
public static class ComparisonMarkdown
{
    /// <summary>Writes a comparison; lines end in a line feed.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="comparison">The comparison.</param>
    /// <param name="entries">Entries of each list at most.</param>
    public static void Write(TextWriter destination, TraceComparison comparison, int entries = 20)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(comparison);
        destination.Write("# Trace Comparison\n\n");
        Row(destination, string.Empty, "Trace", "How it went", "Failed first");
        Row(destination, "---", "---", "---", "---");
        foreach ((string name, Analysis.TraceAnalysis side) in new[] { ("First", comparison.Before), ("Second", comparison.After) })
        {
            Row(destination, name, MarkdownText.Code(side.Trace.Id.ToString()), MarkdownText.Of(ComparisonWords.Summary(side)), MarkdownText.Of(ComparisonWords.Failure(side)));
        }

        if (comparison.IsEmpty)
        {
            destination.Write("\nNothing is different.\n");
            return;
        }

        destination.Write($"\nDuration: **{ComparisonWords.Change(comparison.Before.Times.Duration, comparison.After.Times.Duration)}**\n");
        WriteChanges(destination, "Services", comparison.Services, entries);
        WriteChanges(destination, "Operations", comparison.Operations, entries);
        WriteStructure(destination, comparison.Structure, entries);
    }

    private static void WriteChanges(TextWriter destination, string title, IReadOnlyList<OperationChange> changes, int entries)
    {
        Section(destination, title);
        Row(destination, title[..^1], "Change", "On the critical path", "Own work", "Spans", "Failed");
        Row(destination, "---", "--:", "--:", "--:", "--:", "--:");
        List<OperationChange> shown = ComparisonText.WeightiestOf(changes, entries);
        foreach (OperationChange change in shown)
        {
            Row(
                destination, MarkdownText.Code(ComparisonWords.Name(change)), $"**{ComparisonWords.Change(change.PathNano)}**",
                ComparisonWords.Durations(change.Before.PathNano, change.After.PathNano), ComparisonWords.Durations(change.Before.SelfNano, change.After.SelfNano),
                ComparisonWords.Counts(change.Before.Spans, change.After.Spans), ComparisonWords.Counts(change.Before.Errors, change.After.Errors));
        }

        More(destination, changes.Count - shown.Count);
    }

    private static void WriteStructure(TextWriter destination, IReadOnlyList<StructureChange> changes, int entries)
    {
        Section(destination, "Structure");
        if (changes.Count == 0)
        {
            destination.Write("Both make the same calls.\n");
            return;
        }

        foreach (StructureChange change in changes.Take(entries))
        {
            destination.Write($"- {MarkdownText.Code(ComparisonWords.Path(change))}: {ComparisonWords.What(change)}\n");
        }

        More(destination, changes.Count - entries);
    }

    private static void More(TextWriter destination, int count)
    {
        if (count > 0)
        {
            destination.Write(string.Create(CultureInfo.InvariantCulture, $"\n… and {count:N0} more\n"));
        }
    }

    private static void Section(TextWriter destination, string title) => destination.Write($"\n## {title}\n\n");

    private static void Row(TextWriter destination, params ReadOnlySpan<string> cells)
    {
        foreach (string cell in cells)
        {
            destination.Write($"| {cell} ");
        }

        destination.Write("|\n");
    }
}
