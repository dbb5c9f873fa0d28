using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>A trace in a line.</summary>
/// <param name="Id">The trace.</param>
/// <param name="Start">The earliest start in ns since 1970 UTC.</param>
/// <param name="Duration">From the earliest start to the latest end, in ns.</param>
/// <param name="Status">How the trace ended.</param>
/// <param name="SpanCount">How many spans it has.</param>
/// <param name="ErrorCount">How many of them failed.</param>
/// <param name="ServiceCount">In how many services.</param>
/// <param name="RootService">The root's service; empty where there is no span.</param>
/// <param name="RootName">The root's name; empty where there is no span.</param>
public readonly record struct TraceOutline(
    TraceId Id, long Start, long Duration, TraceStatus Status, int SpanCount, int ErrorCount, int ServiceCount, string RootService, string RootName);
