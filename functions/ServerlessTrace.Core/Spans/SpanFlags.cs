namespace ServerlessTrace.Core.Spans;

/// <summary>What is known of where a span's fields came from.</summary>
[Flags]
public enum SpanFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A record said that the span started (a <c>span_start</c>, or a complete span).</summary>
    Started = 1,

    /// <summary>A record said that the span ended (a <c>span_end</c>, or a complete span).</summary>
    Ended = 2,

    /// <summary>The service is the source's name, for want of a better one; any record that names a service wins over it.</summary>
    ServiceFromSource = 4,

    /// <summary>Records of this span contradict each other in name, service, kind or parent.</summary>
    Contradicted = 8,

    /// <summary>Attributes or events were cut to a configured limit.</summary>
    Truncated = 16,

    /// <summary>The reference to the parent is a FOLLOWS_FROM (OpenTracing): the parent does not wait for this span.</summary>
    FollowsFrom = 32,

    /// <summary>The name is that of a record that started the span; it wins over names of other records.</summary>
    NameFromStart = 64,

    /// <summary>
    /// The server's half of a call whose client's half has the same id where it was recorded (Zipkin's shared spans). This
    /// half's id is derived from that; <see cref="Assembly.Trace"/> makes the client's half its parent, if that is there.
    /// </summary>
    SharedServer = 128,

    /// <summary>Several records start or end this span, at different times.</summary>
    Repeated = 256,

    /// <summary>
    /// Nothing says whether the record's only time is the span's start or its end. It is recorded as the end; <see cref="Assembly.SpanMerger"/> reads it
    /// as the start where the trace shows that it is.
    /// </summary>
    TimeIsAmbiguous = 512,

    /// <summary>The ambiguous time was read as the start: the end recorded here is that plus the reported duration.</summary>
    TimeReadAsStart = 1024,

    /// <summary>A parent id was all zeros or no id; the span has no parent.</summary>
    OddParentId = 2048,

    /// <summary>The record's own id was missing or no id; this one was derived from its content.</summary>
    OddSpanId = 4096,

    /// <summary>A duration was missing, negative or out of range; the span has none.</summary>
    OddDuration = 8192,

    /// <summary>A time could not be read; the others count.</summary>
    OddTime = 16384,

    /// <summary>An integer beyond 64 bits is kept as text.</summary>
    OddNumber = 32768,
}
