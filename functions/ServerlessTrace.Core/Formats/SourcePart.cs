namespace ServerlessTrace.Core.Formats;

/// <summary>Which part of a source a reader is given. The stream begins at <see cref="From"/>.</summary>
public sealed record SourcePart
{
    /// <summary>A source as a whole.</summary>
    public static SourcePart Whole { get; } = new();

    /// <summary>Where the part begins; <see cref="SpanSourceReader.Position"/> of the reader before.</summary>
    public SourcePosition From { get; init; } = SourcePosition.Start;

    /// <summary>
    /// Whether the source may go on behind the stream's end: a record that is not complete there is left for later, and so is
    /// content too short to tell its format.
    /// </summary>
    public bool MoreMayFollow { get; init; }

    /// <summary>
    /// Stored bytes after which reading stops, 64 KiB at least, before the record that is not complete there; a record that is longer is read all the
    /// same. Compressed sources, which cannot be begun in their middle, are read as a whole.
    /// </summary>
    public long StopAfter { get; init; } = long.MaxValue;
}
