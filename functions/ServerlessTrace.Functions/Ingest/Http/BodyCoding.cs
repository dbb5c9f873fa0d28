namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>A content coding of request bodies (RFC 9110, 8.4.1).</summary>
public enum BodyCoding
{
    /// <summary>None.</summary>
    Identity = 0,

    /// <summary><c>gzip</c>.</summary>
    Gzip = 1,

    /// <summary><c>deflate</c>, which is the zlib format.</summary>
    Deflate = 2,
}
