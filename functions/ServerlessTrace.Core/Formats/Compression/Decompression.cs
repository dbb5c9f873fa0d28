using System.IO.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace ServerlessTrace.Core.Formats.Compression;

/// <summary>The compressions that sources may have, told apart by their first bytes.</summary>
internal static class Decompression
{
    /// <summary>Bytes that <see cref="Detect"/> looks at.</summary>
    public const int PrefixLength = 4;

    // RFC 1950, 2.2: deflate with a window of 32 KiB, as everybody writes it. Smaller windows begin like text.
    private const byte ZlibHeader = 0x78;
    private const int ZlibPresetDictionary = 0x20;

    /// <summary>How content is compressed that begins with these bytes.</summary>
    public static SourceCompression Detect(ReadOnlySpan<byte> prefix) =>
        IsGzip(prefix) ? SourceCompression.Gzip
        : IsZlib(prefix) ? SourceCompression.Zlib
        : IsZstandard(prefix) ? SourceCompression.Zstandard
        : SourceCompression.None;

    /// <summary>A stream of the content; it does not own the source.</summary>
    public static Stream Open(SourceCompression compression, Stream source, ReadLimits limits)
    {
        switch (compression)
        {
            case SourceCompression.Gzip:
                return new GZipStream(source, CompressionMode.Decompress, leaveOpen: true);
            case SourceCompression.Zlib:
                return new ZLibStream(source, CompressionMode.Decompress, leaveOpen: true);
            case SourceCompression.Zstandard:
                DecompressionStream zstandard = new(source, checkEndOfStream: true, leaveOpen: true);
                zstandard.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, Math.Clamp(limits.DecompressionWindowLog, 10, 31));
                return zstandard;
            default:
                return source;
        }
    }

    /// <summary>Whether a decompressor says by this that the source is corrupt, cut off, or beyond the limits.</summary>
    public static bool IsCorruption(Exception exception) => exception is InvalidDataException or ZstdException or EndOfStreamException;

    /// <summary>What a compression is called.</summary>
    public static string Name(SourceCompression compression) => compression switch
    {
        SourceCompression.Gzip => "gzip",
        SourceCompression.Zlib => "zlib",
        SourceCompression.Zstandard => "Zstandard",
        _ => "no",
    };

    // RFC 1952, 2.3.1.
    private static bool IsGzip(ReadOnlySpan<byte> prefix) => prefix.Length >= 2 && prefix[0] == 0x1F && prefix[1] == 0x8B;

    private static bool IsZlib(ReadOnlySpan<byte> prefix) =>
        prefix.Length >= 2 && prefix[0] == ZlibHeader && ((prefix[0] << 8) | prefix[1]) % 31 == 0 && (prefix[1] & ZlibPresetDictionary) == 0;

    // RFC 8878, 3.1.1 and 3.1.2: a frame, or one to be skipped.
    private static bool IsZstandard(ReadOnlySpan<byte> prefix) =>
        prefix.Length >= 4 && (prefix.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])
            || ((prefix[0] & 0xF0) == 0x50 && prefix[1..].StartsWith((ReadOnlySpan<byte>)[0x2A, 0x4D, 0x18])));
}
