using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace ServerlessTrace.LocalHost.Triggers.Queues;

/// <summary>A message that this host has locked. Each renewal changes its receipt, so renewing ends before the message is let go.</summary>
internal sealed class HeldMessage(QueueClient queue, QueueMessage message, ILogger logger)
{
    private string _receipt = message.PopReceipt;

    public QueueMessage Message => message;

    /// <summary>Notes a newer lock: the earlier one had run out.</summary>
    public void Renewed(string receipt) => _receipt = receipt;

    /// <summary>Renews the lock until told that the work is done.</summary>
    public async Task KeepAsync(TimeSpan every, TimeSpan length, CancellationToken done)
    {
        while (true)
        {
            await Task.Delay(every, done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (done.IsCancellationRequested)
            {
                return;
            }

            try
            {
                // Not cancelled by "done": the renewal may have happened although its answer was not read.
                UpdateReceipt renewed = await queue.UpdateMessageAsync(message.MessageId, _receipt, message.Body, length, CancellationToken.None);
                Renewed(renewed.PopReceipt);
            }
            catch (Exception failure) when (failure is RequestFailedException or AggregateException)
            {
                // Somebody else may run it as well now; functions bear that.
                Log.LockNotRenewed(logger, message.MessageId, queue.Name, failure);
            }
        }
    }

    public Task DeleteAsync() => UnlessLostAsync(() => queue.DeleteMessageAsync(message.MessageId, _receipt));

    public Task ReleaseAsync(TimeSpan rest) =>
        UnlessLostAsync(() => queue.UpdateMessageAsync(message.MessageId, _receipt, message.Body, rest));

    // 404 and 400 (PopReceiptMismatch): the lock ran out and another host has the message, or has deleted it.
    private async Task UnlessLostAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (RequestFailedException lost) when (lost.Status is 400 or 404)
        {
            Log.LockNotRenewed(logger, message.MessageId, queue.Name, lost);
        }
    }
}
