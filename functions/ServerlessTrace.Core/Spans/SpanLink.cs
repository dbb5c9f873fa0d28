namespace ServerlessTrace.Core.Spans;

/// <summary>A span's reference to another span that is not its parent.</summary>
public struct SpanLink
{
    /// <summary>The trace of the span referred to.</summary>
    public TraceId TraceId;

    /// <summary>The span referred to.</summary>
    public SpanId SpanId;

    /// <summary>Where its attributes begin in the batch.</summary>
    public int AttributeStart;

    /// <summary>How many attributes it has.</summary>
    public int AttributeCount;
}
