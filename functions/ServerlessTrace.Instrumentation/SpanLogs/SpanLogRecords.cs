namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>Which records tell a span.</summary>
public enum SpanLogRecords
{
    /// <summary>A <c>span_start</c> and a <c>span_end</c>, with a <c>span_event</c> or <c>span_error</c> for each event between: a span that never ends is seen.</summary>
    StartAndEnd,

    /// <summary>A <c>span_end</c> with <c>start_time</c>, besides the events: half the volume.</summary>
    EndOnly,
}
