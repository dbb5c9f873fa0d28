using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Cli.Sources;

/// <summary>A source, or a range of a long file that is read beside its others.</summary>
/// <param name="Source">A path, or <see cref="SourceList.StandardInput"/>.</param>
/// <param name="From">Where the piece begins.</param>
/// <param name="To">Where the next one begins; null for the source's end, wherever that is.</param>
internal readonly record struct SourcePiece(string Source, SourcePosition From, long? To)
{
    /// <summary>A whole source.</summary>
    public static SourcePiece Whole(string source) => new(source, SourcePosition.Start, null);

    /// <summary>The piece's bytes.</summary>
    public Stream Open() => Source == SourceList.StandardInput ? Console.OpenStandardInput() : new FileRange(Source, From.Offset, To ?? long.MaxValue);

    /// <summary>What a reader has to know of it.</summary>
    public SourcePart Part => new() { From = From, MoreMayFollow = To is not null };
}
