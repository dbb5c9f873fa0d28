using ServerlessTrace.Core.Formats;
using ServerlessTrace.Storage.Receipts;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>A receipt as answered.</summary>
internal sealed record ReceiptResponse(
    string Id,
    string Source,
    string State,
    DateTimeOffset WrittenAt,
    DateTimeOffset ReadAt,
    double DurationMs,
    ByteRange? Range,
    long Bytes,
    long DecompressedBytes,
    string Format,
    string Compression,
    long Records,
    long Spans,
    long Erased,
    long Traces,
    long Rejected,
    long Redacted,
    string? Reason,
    IReadOnlyList<string> Notes,
    IReadOnlyList<Rejection> Rejections)
{
    public static ReceiptResponse Of(Receipt receipt) => new(
        receipt.Id.RowKey,
        receipt.Source,
        receipt.State switch { ReceiptState.Complete => "complete", ReceiptState.Partial => "partial", _ => "failed" },
        receipt.Id.WrittenAt,
        receipt.ReadAt,
        receipt.DurationMs,
        receipt.Range,
        receipt.Bytes,
        receipt.DecompressedBytes,
        receipt.Format,
        receipt.Compression,
        receipt.Records,
        receipt.Spans,
        receipt.Erased,
        receipt.Traces,
        receipt.Rejected,
        receipt.Redacted,
        receipt.Reason.Length == 0 ? null : receipt.Reason,
        receipt.Notes,
        receipt.Rejections);
}
