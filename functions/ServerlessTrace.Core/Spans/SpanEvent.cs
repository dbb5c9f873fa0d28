namespace ServerlessTrace.Core.Spans;

/// <summary>Something that happened at one moment in a span or trace.</summary>
public struct SpanEvent
{
    /// <summary>When, in ns since 1970 UTC; 0 where unknown.</summary>
    public long TimeUnixNano;

    /// <summary>The name's string number.</summary>
    public int Name;

    /// <summary>Where its attributes begin in the batch.</summary>
    public int AttributeStart;

    /// <summary>How many attributes it has.</summary>
    public int AttributeCount;
}
