namespace ServerlessTrace.Core.Formats;

/// <summary>A stretch of a source's decompressed content.</summary>
/// <param name="bytes">
/// The bytes, in pinned or pinnable memory. A zero byte and <see cref="Json.JsonScanner.Slack"/> - 1 further readable bytes follow them.
/// </param>
/// <param name="offset">Where the first of them stands in the source.</param>
/// <param name="isLast">Whether the source ends behind them.</param>
internal readonly ref struct SourceContent(ReadOnlySpan<byte> bytes, long offset, bool isLast)
{
    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>Where the first byte stands in the source.</summary>
    public long Offset { get; } = offset;

    /// <summary>Whether the source ends behind the bytes.</summary>
    public bool IsLast { get; } = isLast;
}
