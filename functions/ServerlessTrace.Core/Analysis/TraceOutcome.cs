using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>How what a trace was about ended, for people who do not care for spans.</summary>
/// <param name="Result">A stable name: <c>completed</c>, <c>completed-with-failures</c>, <c>completed-with-open-work</c>, <c>failed</c>, <c>not-finished</c> or <c>unknown</c>.</param>
/// <param name="Reason">What failed first; null where nothing did.</param>
public sealed record TraceOutcome(string Result, string? Reason)
{
    /// <summary>The outcome of a trace: that of its root, and whether anything else went wrong on the way.</summary>
    public static TraceOutcome Of(TraceAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        Trace trace = analysis.Trace;
        if (trace.Root < 0)
        {
            return new TraceOutcome("unknown", null);
        }

        ref readonly SpanRecord root = ref trace[trace.Root];
        string result = root.Status == SpanStatus.Error ? "failed"
            : root.IsOpen ? "not-finished"
            : trace.ErrorCount > 0 ? "completed-with-failures"
            : trace.OpenCount > 0 ? "completed-with-open-work"
            : "completed";
        return new TraceOutcome(result, Cause(analysis));
    }

    private static string? Cause(TraceAnalysis analysis)
    {
        if (analysis.RootCause is not { } cause)
        {
            return null;
        }

        ref readonly SpanRecord span = ref analysis.Trace[cause.Span];
        return cause.Message ?? cause.Code ?? $"{analysis.Trace.Batch.Text(span.Service)}: {analysis.Trace.Batch.Text(span.Name)}";
    }
}
