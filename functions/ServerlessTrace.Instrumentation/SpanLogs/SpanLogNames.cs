using System.Text.Json;

namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>Field names of span logs, encoded once.</summary>
internal static class SpanLogNames
{
    public static readonly JsonEncodedText Timestamp = JsonEncodedText.Encode("timestamp");
    public static readonly JsonEncodedText StartTime = JsonEncodedText.Encode("start_time");
    public static readonly JsonEncodedText Level = JsonEncodedText.Encode("level");
    public static readonly JsonEncodedText Service = JsonEncodedText.Encode("service");
    public static readonly JsonEncodedText Version = JsonEncodedText.Encode("service.version");
    public static readonly JsonEncodedText Environment = JsonEncodedText.Encode("environment");
    public static readonly JsonEncodedText TraceId = JsonEncodedText.Encode("trace_id");
    public static readonly JsonEncodedText SpanId = JsonEncodedText.Encode("span_id");
    public static readonly JsonEncodedText ParentSpanId = JsonEncodedText.Encode("parent_span_id");
    public static readonly JsonEncodedText TraceState = JsonEncodedText.Encode("tracestate");
    public static readonly JsonEncodedText SpanName = JsonEncodedText.Encode("span_name");
    public static readonly JsonEncodedText SpanKind = JsonEncodedText.Encode("span_kind");
    public static readonly JsonEncodedText Event = JsonEncodedText.Encode("event");
    public static readonly JsonEncodedText EventName = JsonEncodedText.Encode("event_name");
    public static readonly JsonEncodedText DurationMs = JsonEncodedText.Encode("duration_ms");
    public static readonly JsonEncodedText Status = JsonEncodedText.Encode("status");
    public static readonly JsonEncodedText ErrorCode = JsonEncodedText.Encode("error_code");
    public static readonly JsonEncodedText ErrorMessage = JsonEncodedText.Encode("error_message");
    public static readonly JsonEncodedText StackTrace = JsonEncodedText.Encode("stack_trace");
    public static readonly JsonEncodedText Attributes = JsonEncodedText.Encode("attributes");
    public static readonly JsonEncodedText Baggage = JsonEncodedText.Encode("baggage");
    public static readonly JsonEncodedText Links = JsonEncodedText.Encode("links");

    public static readonly JsonEncodedText Information = JsonEncodedText.Encode("INFO");
    public static readonly JsonEncodedText Error = JsonEncodedText.Encode("ERROR");
    public static readonly JsonEncodedText Ok = JsonEncodedText.Encode("OK");
    public static readonly JsonEncodedText SpanStart = JsonEncodedText.Encode("span_start");
    public static readonly JsonEncodedText SpanEnd = JsonEncodedText.Encode("span_end");
    public static readonly JsonEncodedText SpanEvent = JsonEncodedText.Encode("span_event");
    public static readonly JsonEncodedText SpanError = JsonEncodedText.Encode("span_error");

    /// <summary>The kinds in the order of <see cref="System.Diagnostics.ActivityKind"/>.</summary>
    public static readonly JsonEncodedText[] Kinds =
    [
        JsonEncodedText.Encode("INTERNAL"),
        JsonEncodedText.Encode("SERVER"),
        JsonEncodedText.Encode("CLIENT"),
        JsonEncodedText.Encode("PRODUCER"),
        JsonEncodedText.Encode("CONSUMER"),
    ];
}
