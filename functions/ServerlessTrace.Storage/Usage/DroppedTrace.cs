using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Usage;

/// <summary>A trace that sampling did not keep.</summary>
/// <param name="TraceId">The trace.</param>
/// <param name="Hour">When it started, in hours since 1970 UTC.</param>
/// <param name="Service">Its root's service.</param>
/// <param name="Spans">How many spans it had.</param>
public sealed record DroppedTrace(TraceId TraceId, int Hour, string Service, int Spans);
