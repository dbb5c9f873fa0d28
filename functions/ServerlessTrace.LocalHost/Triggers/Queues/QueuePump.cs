using System.Collections.Concurrent;
using System.Diagnostics;
using Azure;
using Azure.Storage.Queues.Models;

namespace ServerlessTrace.LocalHost.Triggers.Queues;

/// <summary>
/// Takes messages off a queue and has them worked on, at least once each: a message is locked while it is worked on, deleted when
/// that succeeded, seen again when it failed, and moved to the poison queue when it failed too often.
/// </summary>
internal sealed class QueuePump(QueuePumpOptions options, Func<QueueMessage, CancellationToken, Task> work, ILogger logger) : IDisposable
{
    private static readonly TimeSpan BusyInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BusyFor = TimeSpan.FromSeconds(3);

    // A lock is renewed so often that one late or failed renewal does not lose it.
    private const int RenewalsPerLock = 3;

    private readonly ConcurrentDictionary<string, HeldMessage> _held = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly InFlight _running = new();
    private Task _pumping = Task.CompletedTask;

    public void Start() => _pumping = PumpAsync();

    /// <summary>Looks at the queue now instead of at the end of the current pause.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            try
            {
                _wake.Release();
            }
            catch (SemaphoreFullException)
            {
                // Woken twice at once: one look serves both.
            }
        }
    }

    /// <summary>Takes no more messages.</summary>
    public async Task StopTakingAsync()
    {
        await _stopping.CancelAsync();
        await _pumping;
    }

    /// <summary>Waits for what runs; after <paramref name="limit"/> it is cancelled, and its messages come back when their locks run out.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        if (!await _running.WaitForNoneAsync(limit))
        {
            await _aborting.CancelAsync();
            await _running.WaitForNoneAsync(TimeSpan.FromSeconds(2));
        }
    }

    public void Dispose()
    {
        _wake.Dispose();
        _stopping.Dispose();
        _aborting.Dispose();
    }

    private async Task PumpAsync()
    {
        TimeSpan pause = BusyInterval;
        long lastMessage = 0;
        while (!_stopping.IsCancellationRequested)
        {
            if (_running.Count > options.NewBatchThreshold)
            {
                await _running.WaitForAnyEndAsync(_stopping.Token);
                continue;
            }

            QueueMessage[] messages = options.MayTake() ? await ReceiveAsync() : [];
            foreach (QueueMessage message in messages)
            {
                if (_held.TryGetValue(message.MessageId, out HeldMessage? held))
                {
                    // The lock ran out while the message is worked on here: it is locked anew, and not run twice.
                    held.Renewed(message.PopReceipt);
                }
                else
                {
                    _running.Add(HandleAsync(message));
                }
            }

            if (messages.Length > 0)
            {
                lastMessage = Stopwatch.GetTimestamp();
                pause = BusyInterval;
                continue;
            }

            await ((Task)_wake.WaitAsync(pause, _stopping.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            bool quiet = lastMessage == 0 || Stopwatch.GetElapsedTime(lastMessage) > BusyFor;
            pause = quiet ? TimeSpan.FromTicks(Math.Min(pause.Ticks * 3 / 2, options.MaxPollingInterval.Ticks)) : BusyInterval;
        }
    }

    // Not cancelled by stopping: a batch on its way would be locked by nobody for the length of a lock.
    private async Task<QueueMessage[]> ReceiveAsync()
    {
        try
        {
            return await options.Queue.ReceiveMessagesAsync(options.BatchSize, options.Lock, _aborting.Token);
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            return [];
        }
        catch (Exception failure) when (failure is RequestFailedException or AggregateException or OperationCanceledException)
        {
            if (!_stopping.IsCancellationRequested)
            {
                Log.QueueUnreachable(logger, options.Queue.Name, failure);
            }

            return [];
        }
    }

    private async Task HandleAsync(QueueMessage message)
    {
        await Task.Yield();
        var held = new HeldMessage(options.Queue, message, logger);
        try
        {
            // A message that ended its host each time never reaches the count below.
            if (message.DequeueCount > options.MaxDequeueCount)
            {
                await MoveToPoisonAsync(held);
                return;
            }

            Exception? failure = await RunAsync(held);
            if (failure is null)
            {
                await held.DeleteAsync();
            }
            else if (_aborting.IsCancellationRequested)
            {
                // Not its fault: let the next host have it.
                await held.ReleaseAsync(TimeSpan.Zero);
            }
            else if (message.DequeueCount >= options.MaxDequeueCount)
            {
                await MoveToPoisonAsync(held);
            }
            else
            {
                await held.ReleaseAsync(options.VisibilityTimeout);
            }
        }
        catch (Exception failure) when (failure is RequestFailedException or AggregateException)
        {
            // Storage is unreachable: the lock runs out and the message is seen again.
            Log.QueueUnreachable(logger, options.Queue.Name, failure);
        }
    }

    private async Task<Exception?> RunAsync(HeldMessage held)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_aborting.Token);
        if (options.FunctionTimeout is { } timeout)
        {
            limit.CancelAfter(timeout);
        }

        using var done = new CancellationTokenSource();
        _held[held.Message.MessageId] = held;
        Task renewing = held.KeepAsync(options.Lock / RenewalsPerLock, options.Lock, done.Token);
        try
        {
            await work(held.Message, limit.Token);
            return null;
        }
#pragma warning disable CA1031 // Whatever a function throws is its failure, not the host's.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.FunctionFailed(logger, options.Name, held.Message.DequeueCount, failure);
            return failure;
        }
        finally
        {
            await done.CancelAsync();
            await renewing;
            _held.TryRemove(held.Message.MessageId, out _);
        }
    }

    private async Task MoveToPoisonAsync(HeldMessage held)
    {
        try
        {
            await options.Poison.SendMessageAsync(held.Message.Body);
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            await options.Poison.CreateIfNotExistsAsync();
            await options.Poison.SendMessageAsync(held.Message.Body);
        }

        Log.MovedToPoison(logger, held.Message.MessageId, options.Queue.Name, options.Poison.Name);
        await held.DeleteAsync();
    }
}
