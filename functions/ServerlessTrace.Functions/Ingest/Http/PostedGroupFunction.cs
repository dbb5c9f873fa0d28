using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Takes in every group of posted bodies that a message points to.</summary>
public sealed class PostedGroupFunction(PostedIngest ingest)
{
    /// <summary>Reads one group, all its bodies as one source.</summary>
    [Function("IngestPostedGroup")]
    public Task RunAsync(
        [QueueTrigger(StorageNames.Posted)] QueueMessage message, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        string text = message.Body.ToString();
        return PostedName.TryParse(text, out PostedName name)
            ? ingest.TakeAsync(name, durable, cancellationToken)
            : throw new InvalidDataException($"Message {message.MessageId} names no group of posted bodies. Only this service writes to this queue.");
    }
}
