namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>The fields of Jaeger's spans and of what is in them.</summary>
internal enum JaegerField : byte
{
    /// <summary>One that tells nothing of the span: flags, warnings, and what a newer Jaeger may add.</summary>
    Other = 0,

    TraceId,
    SpanId,
    ParentSpanId,
    OperationName,
    References,
    StartTime,
    StartTimeMillis,
    Duration,
    Tags,
    TagFields,
    Logs,
    ProcessId,
    Process,

    /// <summary>Of a reference.</summary>
    RefType,

    /// <summary>Of a log.</summary>
    Timestamp,
    Fields,

    /// <summary>Of a tag.</summary>
    Key,
    Type,
    Value,

    /// <summary>Of a process.</summary>
    ServiceName,
}
