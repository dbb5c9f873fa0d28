using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Functions.Ingest.Blobs;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>Takes in every blob that is dropped into the container of span logs.</summary>
public sealed class SpanLogBlobFunction(BlobIngest ingest)
{
    /// <summary>Reads what is new of a blob; what was read before is left alone.</summary>
    [Function("IngestSpanLogBlob")]
    public Task RunAsync(
        [BlobTrigger(StorageNames.SpanLogs + "/{name}", Source = BlobTriggerSource.EventGrid)] BlobClient blob,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken) => ingest.TakeAsync(blob, durable, cancellationToken);
}
