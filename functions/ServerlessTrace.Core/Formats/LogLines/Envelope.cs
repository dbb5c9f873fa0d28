using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>What wrappers say of the record in them, where it does not say so itself.</summary>
/// <param name="TraceId">The trace; zero if unknown.</param>
/// <param name="SpanId">The span; zero if unknown.</param>
/// <param name="TimeUnixNano">When the record was logged, in ns since 1970; 0 if unknown.</param>
/// <param name="Service">The service's name; empty if unknown.</param>
internal readonly record struct Envelope(TraceId TraceId, SpanId SpanId, long TimeUnixNano, ReadOnlyMemory<byte> Service)
{
    /// <summary>Whether it says nothing.</summary>
    public bool IsEmpty => TimeUnixNano == 0 && TraceId.IsZero && SpanId.IsZero && Service.IsEmpty;

    /// <summary>What both say; the inner one's word counts.</summary>
    public Envelope Within(in Envelope outer) => new(
        TraceId.IsZero ? outer.TraceId : TraceId,
        SpanId.IsZero ? outer.SpanId : SpanId,
        TimeUnixNano == 0 ? outer.TimeUnixNano : TimeUnixNano,
        Service.IsEmpty ? outer.Service : Service);
}
