using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>Where one trace's records lie in a merged <see cref="SpanBatch"/>.</summary>
/// <param name="TraceId">The trace.</param>
/// <param name="Start">The index of its first record.</param>
/// <param name="Count">How many records it has: spans first, in order of time, then records that only carry events.</param>
public readonly record struct TraceRange(TraceId TraceId, int Start, int Count);
