namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Says that a body was made durable and where its receipt will be.</summary>
/// <param name="ReceiptId">The receipt's id.</param>
/// <param name="ReceiptUrl">The receipt's URL, relative to this service; 404 until the body was read.</param>
internal sealed record PostAccepted(string ReceiptId, string ReceiptUrl);
