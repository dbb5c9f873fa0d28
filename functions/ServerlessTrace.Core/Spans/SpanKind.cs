namespace ServerlessTrace.Core.Spans;

/// <summary>A span's role in a call, numbered as in OTLP's <c>Span.SpanKind</c>.</summary>
public enum SpanKind : byte
{
    /// <summary>Not said.</summary>
    Unspecified = 0,

    /// <summary>Work inside one service.</summary>
    Internal = 1,

    /// <summary>Handles a synchronous request.</summary>
    Server = 2,

    /// <summary>Makes a synchronous request.</summary>
    Client = 3,

    /// <summary>Sends a message.</summary>
    Producer = 4,

    /// <summary>Handles a message.</summary>
    Consumer = 5,
}
