namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>Where a record stands in its source, and what stands around it.</summary>
internal struct LogPlace
{
    /// <summary>The 1-based line.</summary>
    public long Line;

    /// <summary>Bytes before it.</summary>
    public long Offset;

    /// <summary>What wrappers say of it.</summary>
    public Envelope Envelope;
}
