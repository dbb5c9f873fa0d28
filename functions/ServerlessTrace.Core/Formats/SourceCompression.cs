namespace ServerlessTrace.Core.Formats;

/// <summary>How a source's content turned out to be compressed.</summary>
public enum SourceCompression
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>gzip (RFC 1952), of one or more members.</summary>
    Gzip = 1,

    /// <summary>zlib (RFC 1950).</summary>
    Zlib = 2,

    /// <summary>Zstandard (RFC 8878), of one or more frames.</summary>
    Zstandard = 3,
}
