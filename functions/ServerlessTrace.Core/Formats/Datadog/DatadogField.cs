namespace ServerlessTrace.Core.Formats.Datadog;

/// <summary>The fields of Datadog's spans.</summary>
internal enum DatadogField : byte
{
    /// <summary>One that is not read.</summary>
    Other = 0,

    TraceId,
    SpanId,
    ParentId,
    Name,
    Resource,
    Service,
    Type,
    Start,
    Duration,
    Error,
    Meta,
    Metrics,

    /// <summary>In <c>meta</c>: the first 16 hex digits of a trace id of 128 bits.</summary>
    HighTraceId,
    Environment,
    Version,
    SpanKind,
    ErrorMessage,
    ErrorType,
    ErrorStack,
}
