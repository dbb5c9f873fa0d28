using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Reports.Text;

/// <summary>What failed first, why, how far it spread and whether anything helped.</summary>
internal static class ErrorStory
{
    public static void Write(Page page)
    {
        page.Section("Error Analysis");
        if (page.Analysis.RootCause is not { } cause)
        {
            page.Line(page.Trace.SpanCount == 0 ? "  - No span was received." : "  - No span failed.");
            return;
        }

        page.Entry("Root cause", page.Paint(Ink.Bad, $"{page.Operation(cause.Span)}: {Reason(cause)}"));
        if (cause.Code is not null)
        {
            page.Entry("Error code", PlainText.Line(cause.Code, 120));
        }

        page.Entry("Where", Where(page, cause.Span));
        page.Entry("Impact", Impact(page, cause));
        page.Entry("Recovery", Recovery(page, cause));
        WriteStack(page, cause);
        WriteAdvice(page, cause);
        WriteOthers(page, cause);
    }

    public static string Reason(SpanError error) =>
        error.Message is { } message ? PlainText.Line(message, 500) : error.Code is { } code ? PlainText.Line(code, 120) : "failed, and no message was recorded";

    public static string Where(Page page, int span)
    {
        ref readonly SpanRecord record = ref page.Trace[span];
        int depth = page.Analysis.Order.Depths[span];
        string below = depth == 0 ? "the root" : string.Create(CultureInfo.InvariantCulture, $"{depth} below the root");
        AdjustedTimes times = page.Analysis.Times;
        string recorded = times.ShiftOf(span) == 0 ? string.Empty : $", recorded as {page.Time.Text(record.Start)} to {page.Time.Text(record.End)} by a clock that differs";
        return $"span {record.SpanId}, {page.Time.Text(times.StartOf(span))} to {page.Time.Text(times.EndOf(span))} ({DurationText.Of(record.Duration)}), {below}{recorded}";
    }

    public static string Impact(Page page, SpanError cause)
    {
        Trace trace = page.Trace;
        var failed = new HashSet<int>(page.Analysis.Errors.Where(error => error.CausedBy == cause.Span).Select(static error => error.Span));
        var spread = new List<string>();
        int count = 0;
        for (int above = trace.Parents[cause.Span]; above >= 0; above = trace.Parents[above])
        {
            if (failed.Contains(above) && ++count <= 5)
            {
                spread.Add(page.Operation(above));
            }
        }

        string more = count > 5 ? string.Create(CultureInfo.InvariantCulture, $" and {count - 5} more") : string.Empty;
        string result = trace[trace.Root].Status == SpanStatus.Error ? "the request failed"
            : trace[trace.Root].IsOpen ? "the request has not ended"
            : "the request did not fail";
        return spread.Count == 0 ? $"no other span failed with it; {result}" : $"{string.Join(", then ", spread)}{more} failed with it; {result}";
    }

    public static string Recovery(Page page, SpanError cause)
    {
        // The retry may have been of a call further up that failed because of this one.
        for (int span = cause.Span; span >= 0; span = page.Trace.Parents[span])
        {
            foreach (Insight insight in page.Analysis.Insights)
            {
                if (insight.Kind == InsightKind.Retry && insight.Spans.Contains(span))
                {
                    return PlainText.Line(insight.Text, 400);
                }
            }
        }

        return cause.IsRecovered ? "a later call of the same operation succeeded" : "none: the call was not repeated";
    }

    private static void WriteStack(Page page, SpanError cause)
    {
        if (cause.StackTrace is not { } stack)
        {
            return;
        }

        string[] lines = stack.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        page.Line($"  - {page.Paint(Ink.Notable, "Stack trace:")}");
        foreach (string line in lines.Take(page.Options.StackLines))
        {
            page.Line("      " + page.Paint(Ink.Faint, PlainText.Line(line.Replace("\t", "  ", StringComparison.Ordinal), 300)));
        }

        if (lines.Length > page.Options.StackLines)
        {
            page.Line(page.Paint(Ink.Faint, string.Create(CultureInfo.InvariantCulture, $"      … {lines.Length - page.Options.StackLines:N0} more lines")));
        }
    }

    private static void WriteAdvice(Page page, SpanError cause)
    {
        foreach (Insight insight in page.Analysis.Insights)
        {
            if (insight.Kind == InsightKind.Error && insight.Spans[0] == cause.Span)
            {
                page.Entry("Recommendation", PlainText.Line(insight.Recommendation, 500));
            }
        }
    }

    private static void WriteOthers(Page page, SpanError cause)
    {
        List<SpanError> others = [.. page.Analysis.Errors.Where(error => error.CausedBy != cause.Span)];
        int shown = Math.Min(others.Count, Math.Max(1, page.Options.ListEntries / 2));
        foreach (SpanError other in others.Take(shown))
        {
            string recovered = other.IsRecovered ? ", recovered by a later call" : string.Empty;
            page.Entry("Also failed", $"{page.Operation(other.Span)} at {page.Time.Text(page.Analysis.Times.EndOf(other.Span))}: {Reason(other)}{recovered}");
        }

        page.More(others.Count - shown, "failed spans");
    }
}
