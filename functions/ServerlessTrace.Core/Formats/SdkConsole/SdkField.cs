namespace ServerlessTrace.Core.Formats.SdkConsole;

/// <summary>The fields of spans as OpenTelemetry's SDKs print them, and of what is in them, whatever language names them.</summary>
internal enum SdkField : byte
{
    /// <summary>One that is not read.</summary>
    Other = 0,

    Name,
    Context,
    Parent,
    ParentId,
    TraceId,
    SpanId,
    TraceState,
    Kind,
    StartTime,
    EndTime,

    /// <summary>The start of a JavaScript span, or the time of an event.</summary>
    Time,
    Duration,
    Status,
    StatusCode,
    Description,
    Attributes,
    Events,
    Links,
    Resource,
    Scope,
    Version,

    /// <summary>Of an attribute in Go.</summary>
    Key,
    Value,
}
