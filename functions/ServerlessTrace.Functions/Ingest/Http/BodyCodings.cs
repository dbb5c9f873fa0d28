using System.IO.Compression;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Names and streams of content codings.</summary>
internal static class BodyCodings
{
    /// <summary>What a client that used another coding is told (RFC 9110, 12.5.3).</summary>
    public const string Accepted = "gzip, deflate, identity";

    /// <summary>The coding of a <c>Content-Encoding</c> header; null for one that is not read.</summary>
    public static BodyCoding? Of(string header) => header.Trim().ToUpperInvariant() switch
    {
        "" or "IDENTITY" => BodyCoding.Identity,
        "GZIP" or "X-GZIP" => BodyCoding.Gzip,
        "DEFLATE" => BodyCoding.Deflate,
        _ => null,
    };

    /// <summary>A stream of what another holds compressed; that other one where it is not.</summary>
    public static Stream Decode(Stream content, BodyCoding coding) => coding switch
    {
        BodyCoding.Gzip => new GZipStream(content, CompressionMode.Decompress),
        BodyCoding.Deflate => new ZLibStream(content, CompressionMode.Decompress),
        _ => content,
    };

    /// <summary>Whether bytes begin as gzip does (RFC 1952, 2.3.1).</summary>
    public static bool IsGzip(ReadOnlySpan<byte> content) => content.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);
}
