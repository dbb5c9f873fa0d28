using System.Runtime.InteropServices;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Insights;

/// <summary>Root causes, and those among them that ran out of time.</summary>
internal static class Failures
{
    private static readonly string[] TimeoutWords = ["timeout", "timed out", "time out", "time-out", "timed_out", "deadline"];

    /// <summary>More causes than this are shown as errors, not as insights.</summary>
    private const int Most = 5;

    public static void Find(TraceAnalysis analysis, List<Insight> insights)
    {
        var causes = new Dictionary<(int Service, int Name, string? Code, string? Message), List<SpanError>>();
        foreach (SpanError error in analysis.Errors)
        {
            if (error.IsRootCause)
            {
                ref readonly SpanRecord span = ref analysis.Trace[error.Span];
                ref List<SpanError>? alike = ref CollectionsMarshal.GetValueRefOrAddDefault(causes, (span.Service, span.Name, error.Code, error.Message), out _);
                (alike ??= []).Add(error);
            }
        }

        HashSet<int> spread = Spread(analysis);
        foreach (List<SpanError> alike in causes.Values.OrderBy(alike => alike.Exists(error => spread.Contains(error.Span)) ? 0 : 1).Take(Most))
        {
            AddError(analysis, alike, alike.Find(error => spread.Contains(error.Span)), insights);
        }
    }

    /// <summary>The causes that made others fail.</summary>
    private static HashSet<int> Spread(TraceAnalysis analysis)
    {
        var spread = new HashSet<int>();
        foreach (SpanError error in analysis.Errors)
        {
            if (error.CausedBy >= 0 && error.CausedBy != error.Span)
            {
                spread.Add(error.CausedBy);
            }
        }

        return spread;
    }

    /// <summary>Failures that look the same are one insight, and the one that spread speaks for them.</summary>
    private static void AddError(TraceAnalysis analysis, List<SpanError> alike, SpanError? spread, List<Insight> insights)
    {
        SpanError error = spread ?? alike[0];
        string operation = SpanText.Operation(analysis.Trace, error.Span);
        string reason = error.Message ?? error.Code ?? "no message was recorded";
        string failed = alike.Count > 1 ? $"failed {alike.Count} times" : spread is not null ? "failed first" : "failed";
        string outcome = error.IsRecovered ? " A later call succeeded." : spread is null ? " It did not spread." : string.Empty;
        int[] spans = [.. alike.Take(Limit.Spans).Select(static one => one.Span)];
        long cost = alike.Sum(one => analysis.Trace[one.Span].Duration);
        insights.Add(new Insight(
            InsightKind.Error, spans, cost, $"{operation} {failed}: {reason}.{outcome}".Replace("..", ".", StringComparison.Ordinal),
            Recommend(error, spread is not null, analysis.Trace[error.Span].SpanId)));
        if (IsTimeout(error.Code) || IsTimeout(error.Message))
        {
            string times = alike.Count > 1 ? $" {alike.Count} times, the longest" : string.Empty;
            insights.Add(new Insight(
                InsightKind.Timeout, spans, cost, $"{operation} ran out of time{times} after {DurationText.Of(alike.Max(one => analysis.Trace[one.Span].Duration))}.",
                $"Put a circuit breaker around {operation}, and give it a timeout well below that of its callers, so that they can still answer."));
        }
    }

    private static string Recommend(SpanError error, bool spread, SpanId span) =>
        error.StackTrace is null && error.Message is null ? $"Record an error message and code when span {span} fails: without them the cause stays hidden."
        : error.IsRecovered ? $"A later call made up for it; look into span {span} before none can."
        : spread ? $"Start the search at span {span}: the failures above it are its consequences."
        : $"Look at what the caller of span {span} does without its answer: nothing above it failed, so users may get less than they asked for, unnoticed.";

    private static bool IsTimeout(string? text) =>
        text is not null && Array.Exists(TimeoutWords, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
