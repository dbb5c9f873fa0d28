using System.Collections.Concurrent;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.LocalHost.Durable.History;
using ServerlessTrace.LocalHost.Durable.Storage;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>What the parts of one engine share: its storage, the instances it has in memory, and what can be done to any instance.</summary>
internal sealed class DurableHub : IDisposable
{
    /// <summary>How long a message may wait in the queue before its loss is suspected.</summary>
    public static readonly TimeSpan MessageTrust = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<string, InstanceWorker> _inMemory = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _endWaiters = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _beginNoMore = new();
    private readonly CancellationTokenSource _breakOff = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly ILogger _logger;
    private int _losses;
    private int _arriving;

    public DurableHub(
        DurableTaskRegistry registry,
        DurableEngineOptions options,
        InstanceStore store,
        InstanceQueue queue,
        IServiceProvider services,
        ILoggerFactory loggers,
        TimeProvider time)
    {
        Registry = registry;
        Options = options;
        Store = store;
        Queue = queue;
        Services = services;
        Loggers = loggers;
        Time = time;
        _logger = loggers.CreateLogger<DurableEngine>();
        Activities = new ActivityRunner(registry, services, options.MaxConcurrentActivities);
    }

    public DurableTaskRegistry Registry { get; }

    public DurableEngineOptions Options { get; }

    public InstanceStore Store { get; }

    public InstanceQueue Queue { get; }

    public IServiceProvider Services { get; }

    public ILoggerFactory Loggers { get; }

    public TimeProvider Time { get; }

    public ActivityRunner Activities { get; }

    public string Owner { get; } = HostIdentity.New().ToString();

    /// <summary>Cancelled when the engine begins to stop.</summary>
    public CancellationToken BeginNoMore => _beginNoMore.Token;

    /// <summary>Cancelled when running activities must end.</summary>
    public CancellationToken BreakOff => _breakOff.Token;

    /// <summary>Cancelled when the engine is to behave as if its process had ended.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    public bool GraceIsOver => _breakOff.IsCancellationRequested;

    /// <summary>Whether the engine takes instances: it does not before it starts, nor once it stops.</summary>
    public bool IsOpen { get; set; }

    public int InMemory => _inMemory.Count;

    public int Places => IsOpen ? Math.Max(0, Options.MaxConcurrentOrchestrations - _inMemory.Count - Volatile.Read(ref _arriving)) : 0;

    /// <summary>Instances that another host had taken when this one wanted to commit.</summary>
    public int Losses => _losses;

    /// <summary>Called when this host put a message into the queue for anyone.</summary>
    public Action WakePump { get; set; } = () => { };

    /// <summary>Called when there is a place in memory.</summary>
    public Action NotePlace { get; set; } = () => { };

    public bool Owns(string instanceId) => _inMemory.ContainsKey(instanceId);

    public void NoteLoss() => Interlocked.Increment(ref _losses);

    public void Forget(InstanceWorker worker)
    {
        _inMemory.TryRemove(KeyValuePair.Create(worker.InstanceId, worker));
        NotePlace();
    }

    /// <summary>Starts an instance; here and now where there is a place for it.</summary>
    /// <exception cref="OrchestrationAlreadyExistsException">The id belongs to an instance that has not ended.</exception>
    public async Task StartAsync(
        string instanceId, string name, string? input, DateTimeOffset? startAt, ParentLink? parent, CancellationToken cancellationToken)
    {
        if (_inMemory.TryGetValue(instanceId, out InstanceWorker? worker) && worker.IsSurelyLive)
        {
            throw new OrchestrationAlreadyExistsException(instanceId);
        }

        bool isLater = startAt > Time.GetUtcNow();
        bool here = !isLater && TryReservePlace();
        try
        {
            InstanceRow row = NewRow(instanceId, name, input, isLater ? startAt : null, parent, here);
            InstanceRow written = await InsertAsync(row, cancellationToken);
            if (here)
            {
                await TakeAsync(written, null, owns: true);
                return;
            }
        }
        finally
        {
            if (here)
            {
                Interlocked.Decrement(ref _arriving);
            }
        }

        await Queue.SendAsync(instanceId, isLater ? startAt!.Value - Time.GetUtcNow() : TimeSpan.Zero, cancellationToken);
        WakePump();
    }

    /// <summary>Starts a sub-orchestration, unless that has been done; tells its end, where it has ended.</summary>
    public async Task<HistoryEvent?> CallChildAsync(ParentLink parent, HistoryAction call)
    {
        InstanceRow? child = await Store.ReadAsync(call.InstanceId!, Abandoned);
        if (child is null)
        {
            try
            {
                await StartAsync(call.InstanceId!, call.Name!, call.Payload, null, parent, Abandoned);
                return null;
            }
            catch (OrchestrationAlreadyExistsException)
            {
                return null;
            }
        }

        return child.IsLive ? null : AnswerOf(parent, await EndOfAsync(child, Abandoned));
    }

    /// <summary>Raises an event at an instance; nothing happens where it does not run.</summary>
    public Task RaiseAsync(string instanceId, string name, string? payload, string? deliveryId, CancellationToken cancellationToken) =>
        DeliverAsync(
            instanceId,
            new HistoryEvent { Kind = HistoryEventKind.EventRaised, Name = name, Payload = payload, DeliveryId = deliveryId },
            cancellationToken);

    /// <summary>Ends an instance from outside. Its owner, if it has one, notices when it next writes.</summary>
    public async Task TerminateAsync(string instanceId, string? output, CancellationToken cancellationToken)
    {
        var end = new HistoryAction { Kind = HistoryActionKind.Terminate, Payload = output };
        byte[] frame = HistoryCodec.Encode(new HistoryRecord(new Turn(Time.GetUtcNow().UtcDateTime, [], [end]), null));
        while (await Store.ReadAsync(instanceId, cancellationToken) is { IsLive: true } row)
        {
            InstanceRow ended = row.Append(frame) with
            {
                Status = OrchestrationRuntimeStatus.Terminated,
                Epoch = row.Epoch + 1,
                Custody = Custody.Parked,
                NextAt = InstanceRow.Never,
                Owner = null,
            };
            if (await Store.TryReplaceAsync(ended, cancellationToken) is { } written)
            {
                await OnEndedAsync(written, end);
                if (_inMemory.TryGetValue(instanceId, out InstanceWorker? worker))
                {
                    // Until it has left, this host would take a new instance of the same id for it.
                    worker.Look();
                    await worker.Completion;
                }

                return;
            }

            await Task.Delay(RetryPause, cancellationToken);
        }
    }

    /// <summary>Tells those who wait for an instance's end: clients of this engine, and its parent wherever it is.</summary>
    public async Task OnEndedAsync(InstanceRow row, HistoryAction end)
    {
        if (_endWaiters.TryRemove(row.InstanceId, out TaskCompletionSource? waiters))
        {
            waiters.TrySetResult();
        }

        if (row.Parent is { } parent)
        {
            HistoryEvent answer = AnswerOf(parent, end);
            if (!_inMemory.TryGetValue(parent.InstanceId, out InstanceWorker? worker) || !worker.Tell(answer))
            {
                await DeliverAsync(parent.InstanceId, answer, Abandoned);
            }
        }
    }

    /// <summary>Completes when the instance ends on this engine: a hint, which saves looking.</summary>
    public Task EndHereAsync(string instanceId) =>
        _endWaiters.GetOrAdd(instanceId, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Nobody waits for the instance's end any more, or they look for themselves.</summary>
    public void ForgetEnd(string instanceId) => _endWaiters.TryRemove(instanceId, out _);

    /// <summary>How an ended instance ended.</summary>
    public async Task<HistoryAction> EndOfAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        List<HistoryRecord> log = await Store.ReadLogAsync(row, cancellationToken);
        return EndOf(log)!;
    }

    /// <summary>How the run of a log ended; null while it goes on.</summary>
    public static HistoryAction? EndOf(List<HistoryRecord> log) =>
        log.SelectMany(record => record.Turn?.Done ?? []).LastOrDefault(action => action.EndsRun);

    /// <summary>Fails an instance that turned out, after it had left memory, to wait for something that is not durable.</summary>
    public void FailLater(string instanceId, string executionId, Exception reason) => InBackground(async () =>
    {
        InstanceRow? row = await Store.ReadAsync(instanceId, Abandoned);
        if (row is { IsLive: true, Custody: Custody.Parked } && row.ExecutionId == executionId && IsOpen)
        {
            await TakeAsync(row, null, owns: false, reason);
        }
    });

    /// <summary>Does what a received message asks for.</summary>
    public async Task HandleAsync(InstanceMessage message, CancellationToken cancellationToken)
    {
        if (_inMemory.TryGetValue(message.InstanceId, out InstanceWorker? worker) && worker.Receive(message))
        {
            return;
        }

        InstanceRow? row = await Store.ReadAsync(message.InstanceId, cancellationToken);
        DateTimeOffset now = Time.GetUtcNow();
        if (row is null)
        {
            await Queue.DeleteAsync(message, cancellationToken);
        }
        else if (!row.IsLive)
        {
            if (row.Parent is not null)
            {
                await OnEndedAsync(row, await EndOfAsync(row, cancellationToken));
            }

            await Queue.DeleteAsync(message, cancellationToken);
        }
        else if (row.Custody == Custody.Owned && row.NextAt > now && !HostIdentity.IsKnownDead(row.Owner!))
        {
            await Queue.DelayAsync(message, row.NextAt - now, cancellationToken);
        }
        else if (row.Custody == Custody.Parked && row.NextAt > now && row.Inbox == 0)
        {
            await (row.NextAt >= InstanceRow.Never
                ? Queue.DeleteAsync(message, cancellationToken)
                : Queue.DelayAsync(message, row.NextAt - now, cancellationToken));
        }
        else if (!IsOpen)
        {
            await Queue.DelayAsync(message, TimeSpan.Zero, cancellationToken);
        }
        else
        {
            await TakeAsync(row, message, owns: false);
        }
    }

    /// <summary>Does so in the background; where it fails, the message appears again by itself.</summary>
    public void HandleLater(InstanceMessage message) => InBackground(() => HandleAsync(message, Abandoned));

    /// <summary>Puts an instance that nobody looks after back into the queue.</summary>
    public async Task ReviveAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        InstanceRow ready = row with { Custody = Custody.Ready, Owner = null, Epoch = row.Epoch + 1, NextAt = Time.GetUtcNow() + MessageTrust };
        if (await Store.TryReplaceAsync(ready, cancellationToken) is not null)
        {
            await Queue.SendAsync(row.InstanceId, TimeSpan.Zero, cancellationToken);
            _logger.Recovered(row.InstanceId);
        }
    }

    /// <summary>Hands all instances over, and waits for running activities no longer than the grace.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        IsOpen = false;
        await _beginNoMore.CancelAsync();
        Task left = NudgeAll();
        await Task.WhenAny(left, Task.Delay(Options.DrainGrace, Time, cancellationToken));
        if (!left.IsCompleted)
        {
            await _breakOff.CancelAsync();
            left = NudgeAll();
        }

        await left.WaitAsync(TimeSpan.FromSeconds(10), Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Stops as if the process had ended: nothing more is written.</summary>
    public async Task AbandonAsync()
    {
        IsOpen = false;
        await _abandoned.CancelAsync();
        await _beginNoMore.CancelAsync();
        await _breakOff.CancelAsync();
        await Task.WhenAll(_inMemory.Values.Select(worker => worker.Completion));
    }

    public void Dispose()
    {
        Activities.Dispose();
        _beginNoMore.Dispose();
        _breakOff.Dispose();
        _abandoned.Dispose();
    }

    private bool TryReservePlace()
    {
        Interlocked.Increment(ref _arriving);
        if (IsOpen && _inMemory.Count + Volatile.Read(ref _arriving) <= Options.MaxConcurrentOrchestrations)
        {
            return true;
        }

        Interlocked.Decrement(ref _arriving);
        return false;
    }

    private void InBackground(Func<Task> work) => _ = Task.Run(
        async () =>
        {
            try
            {
                await work();
            }
#pragma warning disable CA1031 // One instance's trouble must not end the others'.
            catch (Exception failure) when (!Abandoned.IsCancellationRequested)
#pragma warning restore CA1031
            {
                _logger.StorageFailed(failure);
            }
        },
        Abandoned);

    private Task NudgeAll()
    {
        InstanceWorker[] workers = [.. _inMemory.Values];
        Array.ForEach(workers, worker => worker.Nudge());
        return Task.WhenAll(workers.Select(worker => worker.Completion));
    }

    private InstanceRow NewRow(string instanceId, string name, string? input, DateTimeOffset? startAt, ParentLink? parent, bool here)
    {
        DateTimeOffset now = Time.GetUtcNow();
        var start = new HistoryEvent
        {
            Kind = HistoryEventKind.Started,
            Name = name,
            Payload = input,
            ExecutionId = Guid.NewGuid().ToString("n"),
            StartAt = startAt,
        };
        var row = new InstanceRow
        {
            InstanceId = instanceId,
            Name = name,
            ExecutionId = start.ExecutionId,
            CreatedAt = now,
            UpdatedAt = now,
            Parent = parent,
            Custody = here ? Custody.Owned : startAt is null ? Custody.Ready : Custody.Parked,
            Owner = here ? Owner : null,
            Epoch = 1,
            NextAt = here ? now + Options.LeaseDuration : startAt ?? now + MessageTrust,
            Inbox = 1,
        };
        return row.Append(HistoryCodec.Encode(new HistoryRecord(null, start)));
    }

    private async Task<InstanceRow> InsertAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await Store.TryInsertAsync(row, cancellationToken) is { } inserted)
            {
                return inserted;
            }

            InstanceRow? current = await Store.ReadAsync(row.InstanceId, cancellationToken);
            if (current?.ExecutionId == row.ExecutionId)
            {
                // The insert had taken place, its answer was lost, and the client library had tried again.
                return current;
            }

            if (current is { IsLive: true })
            {
                if (current.Status == OrchestrationRuntimeStatus.Pending && Time.GetUtcNow() > current.UpdatedAt + StuckAfter && current.Custody == Custody.Ready)
                {
                    await ReviveAsync(current, cancellationToken);
                }

                throw new OrchestrationAlreadyExistsException(row.InstanceId);
            }

            if (current is not null)
            {
                InstanceRow successor = row with
                {
                    ETag = current.ETag, Epoch = current.Epoch + 1, FirstPage = current.EndPage, EndPage = current.EndPage,
                };
                if (await Store.TryReplaceAsync(successor, cancellationToken, superseded: current) is { } replaced)
                {
                    return replaced;
                }
            }
        }
    }

    private async Task TakeAsync(InstanceRow row, InstanceMessage? message, bool owns, Exception? doom = null)
    {
        var worker = new InstanceWorker(this, row, message, owns, doom);
        while (!_inMemory.TryAdd(row.InstanceId, worker))
        {
            // The id's former instance, or an earlier stay of this one, is about to leave.
            if (_inMemory.TryGetValue(row.InstanceId, out InstanceWorker? former))
            {
                if (message is not null && former.Receive(message))
                {
                    return;
                }

                await former.Completion;
            }
        }

        worker.Start();
    }

    private async Task DeliverAsync(string instanceId, HistoryEvent happened, CancellationToken cancellationToken)
    {
        byte[] frame = HistoryCodec.Encode(new HistoryRecord(null, happened));
        while (true)
        {
            if (_inMemory.TryGetValue(instanceId, out InstanceWorker? worker) && await worker.RaiseAsync(happened))
            {
                return;
            }

            if (await Store.ReadAsync(instanceId, cancellationToken) is not { IsLive: true } row)
            {
                _logger.EventDropped(happened.Name, instanceId);
                return;
            }

            bool isParked = row.Custody == Custody.Parked;
            InstanceRow next = row.Append(frame) with
            {
                Inbox = row.Inbox + 1,
                Custody = isParked ? Custody.Ready : row.Custody,
                NextAt = isParked ? Time.GetUtcNow() + MessageTrust : row.NextAt,
            };
            if (await Store.TryReplaceAsync(next, cancellationToken) is not null)
            {
                if (isParked)
                {
                    await Queue.SendAsync(instanceId, TimeSpan.Zero, cancellationToken);
                    WakePump();
                }

                return;
            }

            await Task.Delay(RetryPause, cancellationToken);
        }
    }

    private static HistoryEvent AnswerOf(ParentLink parent, HistoryAction end) => end.Kind == HistoryActionKind.Complete
        ? new HistoryEvent
        {
            Kind = HistoryEventKind.TaskCompleted,
            TaskId = parent.TaskId,
            ExecutionId = parent.ExecutionId,
            Payload = end.Payload,
        }
        : new HistoryEvent
        {
            Kind = HistoryEventKind.TaskFailed,
            TaskId = parent.TaskId,
            ExecutionId = parent.ExecutionId,
            Failure = end.Failure ?? new TaskFailureDetails("OrchestrationTerminated", "The sub-orchestration was terminated.", null, null, null),
        };
}
