using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Sources;

/// <summary>
/// Divides long files of one record a line into ranges that can be read side by side. A range begins with a line that begins with a brace;
/// whether that is really between two records shows when the range before it was read.
/// </summary>
internal static class FileRanges
{
    private const long LeastLength = 16 << 20;
    private const int RangesPerCore = 4;

    // A longer line has no place to divide a file at.
    private const int LongestLine = 1 << 20;

    /// <summary>The ranges of a source; a single one where it is short, compressed, no file, or in another format.</summary>
    public static async Task<IReadOnlyList<SourcePiece>> OfAsync(string source, CancellationToken cancellationToken)
    {
        long length = source != SourceList.StandardInput && new FileInfo(source) is { Exists: true } file ? file.Length : 0;
        int ranges = (int)Math.Min(Environment.ProcessorCount * RangesPerCore, length / LeastLength);
        if (ranges < 2 || await BeginningAsync(source, cancellationToken) is not { } begun)
        {
            return [SourcePiece.Whole(source)];
        }

        var pieces = new List<SourcePiece>();
        SourcePosition from = SourcePosition.Start;
        byte[] buffer = new byte[LongestLine];
        for (int i = 1; i < ranges; i++)
        {
            if (NextRecord(source, length / ranges * i, buffer) is { } offset && offset > from.Offset)
            {
                pieces.Add(new SourcePiece(source, from, offset));
                from = begun with { Offset = offset, Line = 1 };
            }
        }

        pieces.Add(new SourcePiece(source, from, null));
        return pieces;
    }

    /// <summary>Where the source's first records end; null if it cannot be gone on with from anywhere else.</summary>
    private static async Task<SourcePosition?> BeginningAsync(string source, CancellationToken cancellationToken)
    {
        try
        {
            var part = new SourcePart { MoreMayFollow = true, StopAfter = 0 };
            await using var reader = new SpanSourceReader(SourcePiece.Whole(source).Open(), source, part: part);
            var batch = new SpanBatch();
            while (await reader.ReadBatchAsync(batch, cancellationToken))
            {
                batch.Clear();
            }

            SourcePosition position = reader.Position;
            bool isByLine = position.Format is SourceFormat.SpanLog or SourceFormat.OtlpJson && position.OpenArrays == 0;
            return isByLine && position is { Offset: > 0, Compression: SourceCompression.None } ? position : null;
        }
        catch (Exception problem) when (problem is UnreadableSourceException or IOException or UnauthorizedAccessException)
        {
            // Read as a whole it is said what is wrong.
            return null;
        }
    }

    private static long? NextRecord(string source, long behind, byte[] buffer)
    {
        using var range = new FileRange(source, behind, long.MaxValue);
        int length = range.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        int line = buffer.AsSpan(0, length).IndexOf("\n{"u8);
        return line < 0 ? null : behind + line + 1;
    }
}
