namespace ServerlessTrace.Instrumentation.Propagation;

/// <summary>Which B3 headers are written. All are read (github.com/openzipkin/b3-propagation).</summary>
public enum B3Headers
{
    /// <summary>None: the receivers understand <c>traceparent</c>.</summary>
    None,

    /// <summary>The single header <c>b3</c>.</summary>
    Single,

    /// <summary><c>X-B3-TraceId</c>, <c>X-B3-SpanId</c>, <c>X-B3-Sampled</c>.</summary>
    Multi,
}
