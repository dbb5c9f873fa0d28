namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>What a field of a span-log record means, whatever it is spelled like.</summary>
internal enum SpanLogField : byte
{
    /// <summary>An attribute under the field's own name.</summary>
    Attribute = 0,

    TraceId,
    SpanId,
    ParentSpanId,
    TraceParent,
    TraceState,

    /// <summary>Ids under a name that says another's they are, which count where the record has none of its own.</summary>
    OtherTraceId,
    OtherSpanId,
    DatadogTraceId,
    DatadogSpanId,
    AwsTrace,
    CloudTraceContext,

    SpanName,
    Name,
    Kind,
    Event,
    EventName,
    Message,

    Timestamp,

    /// <summary>A time under a name that may be another's: it counts where the record has no other, and stays an attribute.</summary>
    OtherTimestamp,
    StartTime,
    EndTime,
    DurationMs,
    DurationUs,
    DurationNs,

    Status,
    StatusCode,
    StatusMessage,
    Error,
    ErrorCode,
    ErrorMessage,
    StackTrace,

    Service,
    Resource,
    Attributes,
    Baggage,

    /// <summary>An attribute that describes the span even where it stands in an event's record: a correlation or request id.</summary>
    ContextAttribute,

    /// <summary>An attribute of the resource under a name of its own.</summary>
    ResourceAttribute,

    /// <summary>An attribute by whose name a record may be one of another format.</summary>
    ForeignAttribute,

    /// <summary>An object whose fields belong to the record, such as ECS' <c>"trace": {"id": …}</c>.</summary>
    Group,

    /// <summary>The start in the record of a span that has ended at the record's time (Serilog's <c>@st</c>).</summary>
    SpanStart,

    /// <summary>The message with holes where its properties go: a span's name, and the message where there is no other.</summary>
    MessageTemplate,

    /// <summary>The level, where its name says no more than that (Serilog's <c>@l</c>).</summary>
    Level,

    /// <summary>Spans of other traces, or of this one, that the span belongs to besides its parent.</summary>
    Links,

    /// <summary>An object or array in which loggers keep what they know of the current request: searched for ids where the record has none itself.</summary>
    Context,

    /// <summary>A field that may name the service where no other does: see <see cref="ServiceSearch"/>.</summary>
    ServiceHint,

    /// <summary>The record in an entry of Google Cloud Logging.</summary>
    Payload,

    Headers,
    Body,
}
