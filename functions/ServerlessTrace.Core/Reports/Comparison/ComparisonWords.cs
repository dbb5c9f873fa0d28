using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Comparison;
using ServerlessTrace.Core.Reports.Text;

namespace ServerlessTrace.Core.Reports.Comparison;

/// <summary>How comparisons put things; all of it is inert text on one line.</summary>
internal static class ComparisonWords
{
    public static string Change(long nano) => nano == 0 ? "unchanged" : (nano > 0 ? "+" : string.Empty) + DurationText.Of(nano);

    /// <summary>The change of a duration, with its share of the first one.</summary>
    public static string Change(long before, long after)
    {
        string share = before == 0 || before == after
            ? string.Empty
            : string.Create(CultureInfo.InvariantCulture, $" ({100.0 * (after - before) / before:+0.#;-0.#}%)");
        return Change(after - before) + share;
    }

    public static string Counts(int before, int after) =>
        before == after ? Number(before) : $"{Number(before)} → {Number(after)}";

    public static string Durations(long before, long after) =>
        before == after ? DurationText.Of(before) : $"{DurationText.Of(before)} → {DurationText.Of(after)}";

    public static string Name(OperationChange change) =>
        change.Operation is null ? ServiceList.Name(change.Service) : Name(change.Service, change.Operation);

    public static string Path(StructureChange change) =>
        (change.Depth >= change.Path.Count ? "… › " : string.Empty) + string.Join(" › ", change.Path.Select(static step => Name(step.Service, step.Operation)));

    public static string What(StructureChange change)
    {
        string below = change.SpansBelow == 0
            ? string.Empty
            : string.Create(CultureInfo.InvariantCulture, $", with {change.SpansBelow:N0} {(change.SpansBelow == 1 ? "span" : "spans")} below");
        return change.After == 0 ? $"only in the first trace: {Calls(change.Before)}{below}"
            : change.Before == 0 ? $"only in the second trace: {Calls(change.After)}{below}"
            : $"{Number(change.Before)} → {Calls(change.After)}";
    }

    /// <summary>What failed first, or that nothing did.</summary>
    public static string Failure(TraceAnalysis analysis)
    {
        var words = new Page(TextWriter.Null, analysis, ReportOptions.Default);
        return analysis.RootCause is { } cause ? $"{words.Operation(cause.Span)}: {ErrorStory.Reason(cause)}" : "nothing failed";
    }

    /// <summary>Such as <c>2026-02-26T18:00:00Z, 1.234s, ERROR, 5 spans</c>.</summary>
    public static string Summary(TraceAnalysis analysis) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Heading.StartTime(new Page(TextWriter.Null, analysis, ReportOptions.Default))}, {DurationText.Of(analysis.Times.Duration)}, {SpanNames.Of(analysis.Trace.Status)}, {analysis.Trace.SpanCount:N0} {(analysis.Trace.SpanCount == 1 ? "span" : "spans")}");

    private static string Name(string service, string operation) =>
        $"{ServiceList.Name(service)}: {(operation.Length == 0 ? "(unnamed)" : PlainText.Line(operation, 80))}";

    private static string Calls(int count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? "call" : "calls")}");

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
