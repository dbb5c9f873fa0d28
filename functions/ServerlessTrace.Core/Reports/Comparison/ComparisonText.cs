using System.Globalization;
using ServerlessTrace.Core.Analysis.Comparison;

namespace ServerlessTrace.Core.Reports.Comparison;

/// <summary>The comparison of two traces as plain text.</summary>
public static class ComparisonText
{
    private const string Title = "Trace Comparison";

    /// <summary>Writes a comparison; lines end in a line feed.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="comparison">The comparison.</param>
    /// <param name="entries">Entries of each list at most.</param>
    public static void Write(TextWriter destination, TraceComparison comparison, int entries = 20)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(comparison);
        Line(destination, Title);
        Line(destination, new string('─', Title.Length));
        Line(destination, $"First:  {comparison.Before.Trace.Id}  {ComparisonWords.Summary(comparison.Before)}");
        Line(destination, $"Second: {comparison.After.Trace.Id}  {ComparisonWords.Summary(comparison.After)}");
        if (comparison.IsEmpty)
        {
            Line(destination);
            Line(destination, "Nothing is different.");
            return;
        }

        Line(destination, $"Duration: {ComparisonWords.Change(comparison.Before.Times.Duration, comparison.After.Times.Duration)}");
        Line(destination, $"Failed first: {ComparisonWords.Failure(comparison.Before)} → {ComparisonWords.Failure(comparison.After)}");
        WriteChanges(destination, "Services, by time on the critical path", comparison.Services, entries);
        WriteChanges(destination, "Operations, by time on the critical path", comparison.Operations, entries);
        WriteStructure(destination, comparison.Structure, entries);
    }

    private static void WriteChanges(TextWriter destination, string title, IReadOnlyList<OperationChange> changes, int entries)
    {
        Section(destination, title);
        List<OperationChange> shown = WeightiestOf(changes, entries);
        int width = shown.Select(static change => ComparisonWords.Name(change).Length).DefaultIfEmpty().Max();
        foreach (OperationChange change in shown)
        {
            Line(destination,
                $"  - {ComparisonWords.Name(change).PadRight(width)}  {ComparisonWords.Change(change.PathNano),10}  ({ComparisonWords.Durations(change.Before.PathNano, change.After.PathNano)}); "
                + $"own work {ComparisonWords.Durations(change.Before.SelfNano, change.After.SelfNano)}, spans {ComparisonWords.Counts(change.Before.Spans, change.After.Spans)}, "
                + $"failed {ComparisonWords.Counts(change.Before.Errors, change.After.Errors)}");
        }

        More(destination, changes.Count - shown.Count);
    }

    /// <summary>Those that changed most, in the order of the list.</summary>
    internal static List<OperationChange> WeightiestOf(IReadOnlyList<OperationChange> changes, int entries)
    {
        HashSet<OperationChange> weighty = [.. changes.OrderByDescending(static change => Math.Abs(change.PathNano)).ThenByDescending(static change => Math.Abs(change.SelfNano)).Take(entries)];
        return [.. changes.Where(weighty.Contains)];
    }

    private static void WriteStructure(TextWriter destination, IReadOnlyList<StructureChange> changes, int entries)
    {
        Section(destination, "Structure");
        foreach (StructureChange change in changes.Take(entries))
        {
            Line(destination, $"  - {ComparisonWords.Path(change)}: {ComparisonWords.What(change)}");
        }

        More(destination, changes.Count - entries);
        if (changes.Count == 0)
        {
            Line(destination, "  Both make the same calls.");
        }
    }

    private static void More(TextWriter destination, int count)
    {
        if (count > 0)
        {
            Line(destination, string.Create(CultureInfo.InvariantCulture, $"  … and {count:N0} more"));
        }
    }

    private static void Section(TextWriter destination, string title)
    {
        Line(destination);
        Line(destination, title + ":");
    }

    private static void Line(TextWriter destination, string text = "")
    {
        destination.Write(text);
        destination.Write('\n');
    }
}
