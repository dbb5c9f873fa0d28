namespace ServerlessTrace.Instrumentation.Propagation;

/// <summary>The names under which context travels.</summary>
public static class ContextHeaders
{
    /// <summary>Trace id, parent span id and flags (W3C Trace Context, 3.2).</summary>
    public const string TraceParent = "traceparent";

    /// <summary>What tracing systems add (W3C Trace Context, 3.3).</summary>
    public const string TraceState = "tracestate";

    /// <summary>Key-value pairs of the application (W3C Baggage, 3).</summary>
    public const string Baggage = "baggage";

    /// <summary>The business transaction, in HTTP headers.</summary>
    public const string CorrelationId = "X-Correlation-Id";

    /// <summary>The request that began it all, in HTTP headers.</summary>
    public const string RequestId = "X-Request-Id";

    /// <summary>The business transaction, where names are words: messages, metadata, baggage, span logs.</summary>
    public const string CorrelationIdField = "correlation_id";

    /// <summary>The request, where names are words.</summary>
    public const string RequestIdField = "request_id";

    /// <summary>The trace in columns, parameters and span logs.</summary>
    public const string TraceIdField = "trace_id";

    /// <summary>The span in columns, parameters and span logs.</summary>
    public const string SpanIdField = "span_id";
}
