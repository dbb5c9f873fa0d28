namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Says that the spans of a body are durable, and where their receipt is.</summary>
/// <param name="ReceiptId">The receipt's id.</param>
/// <param name="ReceiptUrl">The receipt's URL, relative to this service.</param>
internal sealed record PostAccepted(string ReceiptId, string ReceiptUrl);
