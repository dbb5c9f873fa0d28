using ServerlessTrace.Core.Formats;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Storage.Receipts;

/// <summary>What came in from one source, and what became of it.</summary>
/// <param name="Id">The receipt's id.</param>
/// <param name="Source">The source: container and blob name, or queue and message id.</param>
/// <param name="State">What became of it.</param>
public sealed record Receipt(ReceiptId Id, string Source, ReceiptState State)
{
    /// <summary>Which bytes of the source this receipt is about; null for all of it.</summary>
    public ByteRange? Range { get; init; }

    /// <summary>When the source was read.</summary>
    public DateTimeOffset ReadAt { get; init; }

    /// <summary>How long reading and storing took, in ms.</summary>
    public double DurationMs { get; init; }

    /// <summary>Bytes as stored.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes after decompression.</summary>
    public long DecompressedBytes { get; init; }

    /// <summary>The format that was found, such as <c>span-log</c>.</summary>
    public string Format { get; init; } = string.Empty;

    /// <summary>The compression that was found; empty for none.</summary>
    public string Compression { get; init; } = string.Empty;

    /// <summary>Records read, rejected ones included.</summary>
    public long Records { get; init; }

    /// <summary>Span parts stored.</summary>
    public long Spans { get; init; }

    /// <summary>Span parts that came by service, the most first; at most 100 by name.</summary>
    public IReadOnlyList<ServiceSpans> Services { get; init; } = [];

    /// <summary>Span parts that were left out, since their traces were erased and must not come back.</summary>
    public long Erased { get; init; }

    /// <summary>Traces touched.</summary>
    public long Traces { get; init; }

    /// <summary>Records rejected.</summary>
    public long Rejected { get; init; }

    /// <summary>The first of the rejected records.</summary>
    public IReadOnlyList<Rejection> Rejections { get; init; } = [];

    /// <summary>Values that were masked, dropped or hashed before the spans were stored.</summary>
    public long Redacted { get; init; }

    /// <summary>Why the source failed; empty otherwise.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>What else the sender should know, such as that its records name no service.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
