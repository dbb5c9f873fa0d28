using Azure.Storage.Blobs;
using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Instrumentation.Messaging;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Functions.Ingest.Blobs;

/// <summary>Reads blobs that sweeps found, and goes on with long ones.</summary>
public sealed class BlobToReadFunction(BlobIngest ingest, StorageClients storage)
{
    /// <summary>Reads what is new of one blob, or its next range.</summary>
    [Function("ReadBlob")]
    public Task RunAsync(
        [QueueTrigger(StorageNames.BlobsToRead)] QueueMessage message, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        MessageEnvelope envelope = MessageEnvelope.Read(message.Body);
        BlobClient blob = storage.SpanLogs.GetBlobClient(BlobsToRead.NameIn(envelope));
        return ingest.TakeAsync(blob, durable, cancellationToken, ProducerContexts.Of(envelope));
    }
}
