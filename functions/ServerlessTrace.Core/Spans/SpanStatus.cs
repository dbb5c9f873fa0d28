namespace ServerlessTrace.Core.Spans;

/// <summary>How a span ended, numbered as in OTLP's <c>Status.StatusCode</c>.</summary>
public enum SpanStatus : byte
{
    /// <summary>Not said.</summary>
    Unset = 0,

    /// <summary>Said to be fine.</summary>
    Ok = 1,

    /// <summary>Failed.</summary>
    Error = 2,
}
