using System.IO.Compression;

namespace ServerlessTrace.Core.Formats;

/// <summary>
/// Tells a whole gzip source from one that is cut off, which <see cref="GZipStream"/> does not: behind the source's last byte
/// it is given one more member. If that comes out as it went in, the member before it was whole.
/// </summary>
internal sealed class GzipEnd
{
    private static readonly byte[] Content = "the source is whole up to here"u8.ToArray();

    private int _matched;
    private bool _different;

    /// <summary>What is read behind the source's last byte.</summary>
    public static ReadOnlyMemory<byte> Member { get; } = Compress();

    /// <summary>Whether all of the member came out, and nothing else.</summary>
    public bool IsWhole => _matched == Content.Length && !_different;

    /// <summary>Takes what was decompressed since the source ended.</summary>
    public void Take(ReadOnlySpan<byte> decompressed)
    {
        _different |= !Content.AsSpan(_matched).StartsWith(decompressed);
        _matched += _different ? 0 : decompressed.Length;
    }

    private static byte[] Compress()
    {
        using MemoryStream member = new();
        using (GZipStream gzip = new(member, CompressionLevel.Fastest))
        {
            gzip.Write(Content);
        }

        return member.ToArray();
    }
}
