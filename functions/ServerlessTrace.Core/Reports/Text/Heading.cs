using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Reports.Text;

/// <summary>Which trace it is, and how it went.</summary>
internal static class Heading
{
    private const string Title = "Distributed Trace Analysis";

    public static void Write(Page page)
    {
        Trace trace = page.Trace;
        page.Line(page.Paint(Ink.Title, Title));
        page.Line(new string('─', Title.Length));
        page.Line($"Trace ID: {trace.Id}");
        page.Line($"Start Time: {StartTime(page)}");
        page.Line($"Duration: {Duration(page)}");
        page.Line($"Status: {Status(page)}");
        page.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"Spans: {trace.SpanCount:N0} in {page.Analysis.Services.Count:N0} {(page.Analysis.Services.Count == 1 ? "service" : "services")}"));
        if (page.Options.IsSealed is { } isSealed)
        {
            page.Line(isSealed
                ? string.Create(CultureInfo.InvariantCulture, $"Sealed: yes (revision {page.Options.Revision})")
                : "Sealed: no (spans may still arrive)");
        }
    }

    public static string StartTime(Page page) => page.Analysis.Times.Start == 0 ? "unknown" : Rfc3339.Short(page.Analysis.Times.Start);

    /// <summary>From the first start to the last end; where clocks differ, also what the recorded times make of it.</summary>
    public static string Duration(Page page)
    {
        AdjustedTimes times = page.Analysis.Times;
        string recorded = times.Duration == page.Trace.Duration ? string.Empty : $" (by the recorded times of clocks that differ: {DurationText.Of(page.Trace.Duration)})";
        return DurationText.Of(times.Duration) + recorded;
    }

    public static string Status(Page page)
    {
        Trace trace = page.Trace;
        return trace.Status switch
        {
            TraceStatus.Ok => page.Paint(Ink.Good, "OK"),
            TraceStatus.Error => page.Paint(Ink.Bad, $"ERROR ({Failure(trace)})"),
            _ when trace.SpanCount == 0 => page.Paint(Ink.Advice, "INCOMPLETE (no span was received)"),
            _ => page.Paint(Ink.Advice, string.Create(CultureInfo.InvariantCulture, $"INCOMPLETE ({trace.OpenCount:N0} of {trace.SpanCount:N0} spans have not ended)")),
        };
    }

    private static string Failure(Trace trace)
    {
        if (trace.ErrorCount == trace.SpanCount)
        {
            return trace.SpanCount == 1 ? "its only span failed" : "complete failure: every span failed";
        }

        string root = trace[trace.Root].Status switch
        {
            SpanStatus.Error => string.Empty,
            _ when trace[trace.Root].IsOpen => ", the root has not ended",
            _ => ", the root did not",
        };
        return string.Create(CultureInfo.InvariantCulture, $"partial failure: {trace.ErrorCount:N0} of {trace.SpanCount:N0} spans failed{root}");
    }
}
