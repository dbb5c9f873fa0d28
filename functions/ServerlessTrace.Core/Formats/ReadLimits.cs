using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats;

/// <summary>Bounds on what a reader takes from outside, and how it is to understand what can be understood in two ways.</summary>
public sealed record ReadLimits
{
    /// <summary>Spans after which a batch ends.</summary>
    public int SpansPerBatch { get; init; } = 10_000;

    /// <summary>Approximate bytes in memory after which a batch ends.</summary>
    public long BytesPerBatch { get; init; } = 32 << 20;

    /// <summary>The longest record, in bytes; a longer one is rejected.</summary>
    public int RecordBytes { get; init; } = 4 << 20;

    /// <summary>The longest attribute value, in bytes; the rest is cut and the span marked truncated.</summary>
    public int AttributeBytes { get; init; } = 16 << 10;

    /// <summary>Attributes a span or event at most; the rest is dropped and the span marked truncated.</summary>
    public int AttributesPerSpan { get; init; } = 256;

    /// <summary>Whether span logs' attributes are passed over, for who only asks which spans there are, when and where.</summary>
    public bool WithoutAttributes { get; init; }

    /// <summary>What the time of a record is that has a duration and no <c>event</c>.</summary>
    public TimestampMeaning Timestamp { get; init; }

    /// <summary>How deep JSON may nest.</summary>
    public int JsonDepth { get; init; } = 64;

    /// <summary>Rejections that are kept with line, reason and excerpt; the others are only counted.</summary>
    public int RejectionsKept { get; init; } = 100;

    /// <summary>The longest excerpt of a rejected record, in characters.</summary>
    public int ExcerptLength { get; init; } = 200;

    /// <summary>Decompressed bytes of one source at most; more is refused as a bomb.</summary>
    public long DecompressedBytes { get; init; } = 64L << 30;

    /// <summary>
    /// The largest window of Zstandard, as a power of two: decompressing takes that much memory. 27 (128 MiB) is what <c>zstd</c> itself accepts
    /// by default, and its levels up to 19 need 23 (8 MiB).
    /// </summary>
    public int DecompressionWindowLog { get; init; } = 27;

    /// <summary>How many times its compressed size a source may have when decompressed, once it is longer than 64 MiB.</summary>
    public int DecompressionRatio { get; init; } = 1_000;

    /// <summary>Whether a batch is as big as it may become.</summary>
    public bool IsFull(SpanBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return batch.Count >= SpansPerBatch || batch.ApproximateSize >= BytesPerBatch;
    }
}
