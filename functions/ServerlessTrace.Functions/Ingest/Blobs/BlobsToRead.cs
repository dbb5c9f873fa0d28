using System.Text.Json;
using Azure.Storage.Queues.Models;
using ServerlessTrace.Instrumentation.Messaging;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Functions.Ingest.Blobs;

/// <summary>The queue of blobs that are to be read, or read on, though no trigger says so.</summary>
public sealed class BlobsToRead(StorageClients storage)
{
    /// <summary>More messages than this waiting: whoever finds blobs that are not urgent looks again later instead.</summary>
    private const int Long = 1_000;

    /// <summary>Has a blob read; the message carries the context of whoever found it.</summary>
    public Task SendAsync(string name, CancellationToken cancellationToken)
    {
        var body = BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(new BlobToRead(name), BlobToReadJson.Default.BlobToRead));
        return storage.BlobsToRead.SendMessageAsync(MessageEnvelope.Wrap(body), cancellationToken: cancellationToken);
    }

    /// <summary>Whether so many messages wait that more would only be in their way.</summary>
    public async Task<bool> IsLongAsync(CancellationToken cancellationToken)
    {
        QueueProperties properties = await storage.BlobsToRead.GetPropertiesAsync(cancellationToken).ConfigureAwait(false);
        return properties.ApproximateMessagesCount > Long;
    }

    /// <summary>The blob that a message names.</summary>
    internal static string NameIn(MessageEnvelope message) =>
        JsonSerializer.Deserialize(message.Body, BlobToReadJson.Default.BlobToRead)?.Name ?? throw new JsonException("The message names no blob.");
}
