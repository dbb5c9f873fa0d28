namespace ServerlessTrace.Core.Analysis.Comparison;

/// <summary>What some spans of a trace come to.</summary>
/// <param name="Spans">How many there are.</param>
/// <param name="Errors">How many failed.</param>
/// <param name="SelfNano">Their self times together, in ns.</param>
/// <param name="PathNano">How long they are on the critical path, in ns.</param>
public readonly record struct SpanSums(int Spans, int Errors, long SelfNano, long PathNano)
{
    /// <summary>The same with one more span.</summary>
    internal SpanSums With(TraceAnalysis analysis, int span) => new(
        Spans + 1,
        Errors + (analysis.Trace[span].Status == Core.Spans.SpanStatus.Error ? 1 : 0),
        SelfNano + analysis.SelfTimes[span],
        PathNano + analysis.PathTimes[span]);
}
