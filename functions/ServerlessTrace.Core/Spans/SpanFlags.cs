namespace ServerlessTrace.Core.Spans;

/// <summary>What is known of where a span's fields came from.</summary>
[Flags]
public enum SpanFlags : ushort
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
}
