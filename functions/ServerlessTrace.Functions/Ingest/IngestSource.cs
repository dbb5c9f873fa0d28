using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>A blob, a part of one, or a message.</summary>
/// <param name="Id">Its receipt's id.</param>
/// <param name="Name">What the receipt calls it.</param>
/// <param name="OpenAsync">Opens it from its start, to be copied if it cannot be read.</param>
public sealed record IngestSource(ReceiptId Id, string Name, Func<CancellationToken, Task<Stream>> OpenAsync);
