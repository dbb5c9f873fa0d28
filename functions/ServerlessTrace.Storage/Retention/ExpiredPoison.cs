using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace ServerlessTrace.Storage.Retention;

/// <summary>Deletes messages that nobody took out of the poison queues.</summary>
public sealed class ExpiredPoison(StorageClients clients, RetentionOptions options) : IRetentionStep
{
    private const int MessagesPerRequest = 32;

    /// <summary>For how long messages that are not old enough are out of sight: nothing reads these queues but people.</summary>
    private static readonly TimeSpan OutOfSight = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public string Name => "poison";

    /// <inheritdoc/>
    public async Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken)
    {
        int deleted = 0;
        foreach (string name in StorageNames.PoisonQueues)
        {
            try
            {
                deleted += await DeleteAsync(clients.Queues.GetQueueClient(name), now - options.Failures, cancellationToken).ConfigureAwait(false);
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                // A poison queue is created with its first message.
            }
        }

        return deleted > 0 ? new RetentionBatch(deleted, "more") : RetentionBatch.Done();
    }

    private static async Task<int> DeleteAsync(QueueClient queue, DateTimeOffset before, CancellationToken cancellationToken)
    {
        // Queues are nearly first in, first out: a look at the oldest says whether there is anything to be done.
        PeekedMessage[] oldest = await queue.PeekMessagesAsync(MessagesPerRequest, cancellationToken).ConfigureAwait(false);
        if (!Array.Exists(oldest, message => message.InsertedOn < before))
        {
            return 0;
        }

        QueueMessage[] received = await queue.ReceiveMessagesAsync(MessagesPerRequest, OutOfSight, cancellationToken).ConfigureAwait(false);
        QueueMessage[] expired = Array.FindAll(received, message => message.InsertedOn < before);
        await Task.WhenAll(expired.Select(message => queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellationToken))).ConfigureAwait(false);
        return expired.Length;
    }
}
