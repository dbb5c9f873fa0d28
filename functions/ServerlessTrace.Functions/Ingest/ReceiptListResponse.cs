namespace ServerlessTrace.Functions.Ingest;

/// <summary>A page of receipts.</summary>
/// <param name="Receipts">The receipts, newest first.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
internal sealed record ReceiptListResponse(IReadOnlyList<ReceiptResponse> Receipts, string? NextCursor);
