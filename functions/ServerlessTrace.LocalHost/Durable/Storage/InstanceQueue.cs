using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace ServerlessTrace.LocalHost.Durable.Storage;

/// <summary>
/// The hub's queue. A message says "look after this instance" and nothing more: it is lost or doubled without harm, because
/// the instance's row says what is true.
/// </summary>
internal sealed class InstanceQueue(QueueClient queue)
{
    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(6.9);

    public Task CreateAsync(CancellationToken cancellationToken) => queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);

    public async Task<InstanceMessage> SendAsync(string instanceId, TimeSpan delay, CancellationToken cancellationToken)
    {
        SendReceipt sent = await queue.SendMessageAsync(instanceId, WholeSeconds(delay), Forever, cancellationToken);
        return new InstanceMessage(instanceId, sent.MessageId, sent.PopReceipt);
    }

    public async Task<IReadOnlyList<InstanceMessage>> ReceiveAsync(int count, TimeSpan visibility, CancellationToken cancellationToken)
    {
        QueueMessage[] received = await queue.ReceiveMessagesAsync(count, WholeSeconds(visibility), cancellationToken);
        return [.. received.Select(message => new InstanceMessage(message.MessageText, message.MessageId, message.PopReceipt))];
    }

    /// <summary>Makes the message appear after a delay; null where somebody else has received it since.</summary>
    public async Task<InstanceMessage?> DelayAsync(InstanceMessage message, TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            UpdateReceipt updated = await queue.UpdateMessageAsync(
                message.MessageId, message.PopReceipt, message.InstanceId, WholeSeconds(delay), cancellationToken);
            return message with { PopReceipt = updated.PopReceipt };
        }
        catch (RequestFailedException gone) when (gone.Status is 400 or 404)
        {
            return null;
        }
    }

    public async Task DeleteAsync(InstanceMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellationToken);
        }
        catch (RequestFailedException gone) when (gone.Status is 400 or 404)
        {
            // Somebody else has received it since, and will find that there is nothing to do.
        }
    }

    private static TimeSpan WholeSeconds(TimeSpan delay)
    {
        double seconds = Math.Ceiling(Math.Clamp(delay.TotalSeconds, 0, LongestDelay.TotalSeconds));
        return TimeSpan.FromSeconds(seconds);
    }
}
