namespace ServerlessTrace.Core.Analysis;

/// <summary>What one service did in a trace.</summary>
/// <param name="Name">The service; empty where spans name none.</param>
/// <param name="SpanCount">Its spans.</param>
/// <param name="ErrorCount">Its spans that failed.</param>
/// <param name="SelfNano">The self times of its spans together, in ns: more than the trace took where they ran in parallel.</param>
/// <param name="PathNano">How long the critical path ran through it alone, in ns.</param>
/// <param name="IsEntryPoint">Whether the root is its span.</param>
/// <param name="Callers">Services whose spans are parents of its spans, in order of first call.</param>
public sealed record ServiceSummary(
    string Name, int SpanCount, int ErrorCount, long SelfNano, long PathNano, bool IsEntryPoint, IReadOnlyList<ServiceCaller> Callers);
