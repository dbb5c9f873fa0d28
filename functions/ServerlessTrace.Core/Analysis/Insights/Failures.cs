using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Insights;

/// <summary>Root causes, and those among them that ran out of time.</summary>
internal static class Failures
{
    private static readonly string[] TimeoutWords = ["timeout", "timed out", "time out", "time-out", "timed_out", "deadline"];

    public static void Find(TraceAnalysis analysis, List<Insight> insights)
    {
        int found = 0;
        foreach (SpanError error in analysis.Errors)
        {
            // More causes than this are shown as errors, not as insights.
            if (error.IsRootCause && found++ < 5)
            {
                AddError(analysis, error, insights);
            }
        }
    }

    private static void AddError(TraceAnalysis analysis, SpanError error, List<Insight> insights)
    {
        ref readonly SpanRecord span = ref analysis.Trace[error.Span];
        string operation = SpanText.Operation(analysis.Trace, error.Span);
        string reason = error.Message ?? error.Code ?? "no message was recorded";
        string outcome = error.IsRecovered ? " A later call succeeded." : string.Empty;
        bool timeout = IsTimeout(error.Code) || IsTimeout(error.Message);
        insights.Add(new Insight(
            InsightKind.Error, [error.Span], span.Duration, $"{operation} failed first: {reason}.{outcome}".Replace("..", ".", StringComparison.Ordinal),
            Recommend(error, span.SpanId)));
        if (timeout)
        {
            insights.Add(new Insight(
                InsightKind.Timeout, [error.Span], span.Duration, $"{operation} ran out of time after {DurationText.Of(span.Duration)}.",
                $"Put a circuit breaker around {operation}, and give it a timeout well below that of its callers, so that they can still answer."));
        }
    }

    private static string Recommend(SpanError error, SpanId span) =>
        error.StackTrace is null && error.Message is null ? $"Record an error message and code when span {span} fails: without them the cause stays hidden."
        : error.IsRecovered ? $"A later call made up for it; look into span {span} before none can."
        : $"Start the search at span {span}: the failures above it are its consequences.";

    private static bool IsTimeout(string? text) =>
        text is not null && Array.Exists(TimeoutWords, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
