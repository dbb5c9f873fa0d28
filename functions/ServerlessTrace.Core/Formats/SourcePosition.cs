namespace ServerlessTrace.Core.Formats;

/// <summary>A place in a source at which a reader may stop and another may go on: between two records.</summary>
/// <param name="Offset">Bytes of the source, as stored, that are done with.</param>
/// <param name="Line">The 1-based line that comes next.</param>
/// <param name="OpenArrays">How many arrays around the records are open here.</param>
/// <param name="Format">The format found so far; unknown before the first record.</param>
/// <param name="Compression">How what is done with was compressed. Compressed content goes on as compressed content, plain as plain.</param>
public readonly record struct SourcePosition(long Offset, long Line, int OpenArrays, SourceFormat Format, SourceCompression Compression)
{
    /// <summary>The beginning of a source.</summary>
    public static SourcePosition Start => new(0, 1, 0, SourceFormat.Unknown, SourceCompression.None);
}
