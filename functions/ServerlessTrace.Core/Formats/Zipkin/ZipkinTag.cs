namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>A binary annotation of version 1: a tag, or an address.</summary>
internal unsafe struct ZipkinTag
{
    /// <summary>Where its key is in the content, a string; null if it has none.</summary>
    public byte* Key;

    /// <summary>Where its value is in the content.</summary>
    public byte* Value;

    /// <summary>Whose it is.</summary>
    public ZipkinEndpoint Endpoint;
}
