using System.Collections.Concurrent;
using System.Threading.Channels;
using Azure;
using DurableTask.Core;
using DurableTask.Core.Exceptions;
using DurableTask.Core.History;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>
/// The instances that this host owns, and what can be done to any instance of the hub. Invariant: nothing takes effect (an activity,
/// a message to another instance, an answer to a client) before the row that decides it is written.
/// </summary>
internal sealed class InstanceHub(InstanceTable table, TableOrchestrationOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan StoragePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(5);
    private static readonly OrchestrationStatus[] Live = [OrchestrationStatus.Pending, OrchestrationStatus.Running, OrchestrationStatus.Suspended];

    private readonly ConcurrentDictionary<string, OwnedInstance> _instances = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _endWaiters = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _overflow = new();
    private readonly Channel<OwnedInstance> _ready = Channel.CreateUnbounded<OwnedInstance>();
    private readonly Channel<TaskMessage> _activities = Channel.CreateUnbounded<TaskMessage>();
    private readonly CancellationTokenSource _ended = new();
    private int _arriving;
    private int _losses;

    public string Host { get; } = HostIdentity.New().ToString();

    public InstanceTable Table => table;

    public TableOrchestrationOptions Options => options;

    public TimeProvider Time => time;

    /// <summary>Instances with work for their orchestrator.</summary>
    public ChannelReader<OwnedInstance> Ready => _ready.Reader;

    /// <summary>Activities to run.</summary>
    public ChannelReader<TaskMessage> Activities => _activities.Reader;

    /// <summary>Whether the host takes instances: it does not before it starts, nor once it stops.</summary>
    public bool IsOpen { get; set; }

    public int InMemory => _instances.Count;

    /// <summary>Instances that another host had taken when this one wanted to write them.</summary>
    public int Losses => _losses;

    public bool HasRoom => IsOpen && _instances.Count + Volatile.Read(ref _arriving) < options.MaxConcurrentOrchestrations;

    /// <summary>Starts an instance; on this host where there is room for it.</summary>
    /// <exception cref="OrchestrationAlreadyExistsException">There is an instance of that id in one of the <paramref name="dedupe"/> statuses.</exception>
    public async Task CreateAsync(TaskMessage message, IReadOnlyCollection<OrchestrationStatus> dedupe)
    {
        var start = (ExecutionStartedEvent)message.Event;
        string id = message.OrchestrationInstance.InstanceId;
        if (start.ParentInstance is null && _instances.TryGetValue(id, out OwnedInstance? running) && running.IsLive && dedupe.Contains(running.Status))
        {
            throw AlreadyExists(id, running.Status);
        }

        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset due = start.ScheduledStartTime is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)) : now;
        using Arrival? arrival = due - now < options.ParkThreshold ? TryReserve() : null;
        message.SequenceNumber = Random.Shared.NextInt64(1, long.MaxValue);
        InstanceRow? written = await InsertAsync(
            new InstanceRow
            {
                InstanceId = id,
                ExecutionId = message.OrchestrationInstance.ExecutionId,
                Name = start.Name,
                CreatedAt = now,
                UpdatedAt = now,
                Owner = arrival is null ? null : Host,
                LookAt = arrival is null ? due : InstanceRow.Never,
                Body = new InstanceBody(default, [message], [], null),
            },
            start.ParentInstance,
            dedupe);
        if (written?.Owner is not null)
        {
            await AdmitAsync(written);
        }
        else if (written is not null && due <= now)
        {
            _overflow.Enqueue(id);
        }
    }

    /// <summary>Delivers a message to an instance wherever it is. Returns once storage has it; false where no such instance runs.</summary>
    public async Task<bool> DeliverAsync(TaskMessage message, CancellationToken cancellationToken)
    {
        string id = message.OrchestrationInstance.InstanceId;
        while (true)
        {
            if (_instances.TryGetValue(id, out OwnedInstance? here))
            {
                if (here.PostDurably(message) is { } stored)
                {
                    Background(id, SettleAsync(here));
                    if (await stored.WaitAsync(cancellationToken))
                    {
                        return true;
                    }
                }

                await Task.Delay(RetryPause, time, cancellationToken);
                continue;
            }

            if (await table.ReadAsync(id, cancellationToken) is not { HasEnded: false } row)
            {
                logger.MessageDropped(message.Event.EventType, id);
                return false;
            }

            using Arrival? arrival = row.Owner is null ? TryReserve() : null;
            message.SequenceNumber = Random.Shared.NextInt64(1, long.MaxValue);
            InstanceRow next = row with
            {
                Owner = arrival is null ? row.Owner : Host,
                LookAt = arrival is null ? time.GetUtcNow() : InstanceRow.Never,
                Body = row.Body with { Inbox = [.. row.Body.Inbox, message] },
            };
            if (await table.TryReplaceAsync(next, cancellationToken) is { } written)
            {
                if (arrival is not null)
                {
                    await AdmitAsync(written);
                }

                return true;
            }
        }
    }

    /// <summary>Takes over an instance that has no owner, or whose owner is gone.</summary>
    public async Task<bool> TryAdoptAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        using Arrival? arrival = TryReserve();
        DateTimeOffset lookAt = arrival is null ? time.GetUtcNow() : InstanceRow.Never;
        if (await table.TryAssignAsync(row, arrival is null ? null : Host, lookAt, cancellationToken) is not { } mine)
        {
            return false;
        }

        if (arrival is not null)
        {
            await AdmitAsync(mine);
        }

        return true;
    }

    /// <summary>Looks into an instance's row, since another host has changed it.</summary>
    public async Task LookIntoAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        if (!_instances.TryGetValue(row.InstanceId, out OwnedInstance? here))
        {
            await TryAdoptAsync(row, cancellationToken);
        }
        else if (here.TryBegin())
        {
            await WorkAsync(here, async () =>
            {
                if (await table.ReadAsync(row.InstanceId, cancellationToken) is { } current && current.Owner == Host)
                {
                    here.CatchUp(current);
                    await CommitAsync(here);
                }
            });
        }
    }

    /// <summary>Records what an orchestrator decided, writes it where it has to be written, and lets it take effect.</summary>
    public async Task DecideAsync(
        OwnedInstance instance, OrchestrationRuntimeState state, IList<TaskMessage> activities, IList<TaskMessage> forOthers, IList<TaskMessage> timers)
    {
        bool wasDirty = instance.IsDirty;
        if (state.ExecutionStartedEvent is not null && instance.Record(state, activities, forOthers, timers))
        {
            await CommitAsync(instance);
            return;
        }

        instance.Defer();
        if (!wasDirty)
        {
            Background(instance.InstanceId, FlushLaterAsync(instance));
        }
    }

    /// <summary>Drops what is in memory of an instance and reads it again: work on it failed.</summary>
    public void Reload(OwnedInstance instance, Exception? failure)
    {
        if (!instance.IsGone)
        {
            logger.WorkFailed(failure, instance.InstanceId);
            Forget(instance, lost: true);
            Background(instance.InstanceId, ReadAgainAsync(instance.InstanceId));
        }
    }

    /// <summary>Hands all instances over to other hosts: those with work are looked at by them at once. Returns whether none is left.</summary>
    public async Task<bool> ReleaseAsync()
    {
        IsOpen = false;
        long begun = time.GetTimestamp();
        while (true)
        {
            while (_ready.Reader.TryRead(out OwnedInstance? queued))
            {
                queued.End();
            }

            await Parallel.ForEachAsync(
                _instances.Values.Where(static instance => instance.TryBegin()), async (instance, _) => await CommitAsync(instance, release: true));
            bool isDone = _instances.IsEmpty && Volatile.Read(ref _arriving) == 0;
            if (isDone || time.GetElapsedTime(begun) > ReleaseLimit)
            {
                return isDone;
            }

            await Task.Delay(RetryPause, time, _ended.Token);
        }
    }

    /// <summary>Completes when an instance ends on this host: a hint.</summary>
    public Task EndHereAsync(string instanceId) =>
        _endWaiters.GetOrAdd(instanceId, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void ForgetEnd(string instanceId) => _endWaiters.TryRemove(instanceId, out _);

    /// <summary>Queues an instance for its orchestrator.</summary>
    public void Announce(OwnedInstance instance) => _ready.Writer.TryWrite(instance);

    /// <summary>An instance of this host; null where it has none of that id.</summary>
    public OwnedInstance? Find(string instanceId) => _instances.GetValueOrDefault(instanceId);

    public void Dispose()
    {
        IsOpen = false;
        _ended.Cancel();
        foreach (OwnedInstance instance in _instances.Values)
        {
            instance.Lose();
        }
    }

    private static OrchestrationAlreadyExistsException AlreadyExists(string id, OrchestrationStatus status) =>
        new($"An orchestration instance with the id '{id}' exists: its status is {status}.");

    private static InstanceRow Ended(InstanceRow row, ExecutionCompletedEvent end)
    {
        ExecutionStartedEvent start = row.Body.Inbox.Select(static message => message.Event).OfType<ExecutionStartedEvent>().FirstOrDefault()
            ?? new ExecutionStartedEvent(-1, null)
            {
                Name = row.Name,
                OrchestrationInstance = new OrchestrationInstance { InstanceId = row.InstanceId, ExecutionId = row.ExecutionId },
            };
        var history = new MemoryStream();
        HistoryJson.WriteLines(history, [start, end]);
        return row with
        {
            Status = end.OrchestrationStatus,
            LookAt = InstanceRow.Never,
            Body = new InstanceBody(history.ToArray(), [], [], row.Body.CustomStatus),
        };
    }

    /// <summary>Whether an instance was started by an earlier delivery of the same message.</summary>
    private static bool IsSameStart(InstanceRow existing, InstanceRow row, ParentInstance? parent)
    {
        if (existing.ExecutionId == row.ExecutionId || parent is null)
        {
            return existing.ExecutionId == row.ExecutionId;
        }

        // It may have continued as new since.
        ParentInstance? its = existing.Body.ReadHistory().OfType<ExecutionStartedEvent>().FirstOrDefault()?.ParentInstance;
        return its is not null && its.TaskScheduleId == parent.TaskScheduleId
            && its.OrchestrationInstance.InstanceId == parent.OrchestrationInstance.InstanceId
            && its.OrchestrationInstance.ExecutionId == parent.OrchestrationInstance.ExecutionId;
    }

    /// <summary>Inserts an instance, or the successor of one that has ended; null where an earlier delivery of the message has.</summary>
    private async Task<InstanceRow?> InsertAsync(InstanceRow row, ParentInstance? parent, IReadOnlyCollection<OrchestrationStatus> dedupe)
    {
        while (true)
        {
            if (await table.TryInsertAsync(row, _ended.Token) is { } inserted)
            {
                return inserted;
            }

            InstanceRow? existing = await table.ReadAsync(row.InstanceId, _ended.Token);
            if (existing is not null && IsSameStart(existing, row, parent))
            {
                // Where nothing has it in memory, the insert was this one: its answer was lost, and the client library had tried again.
                return existing.Owner == row.Owner && Find(row.InstanceId) is null ? existing : null;
            }

            if (existing is not null && dedupe.Contains(existing.Status))
            {
                throw AlreadyExists(row.InstanceId, existing.Status);
            }

            if (existing is not null
                && await table.TryReplaceAsync(row with { ETag = existing.ETag, Blob = existing.Blob }, _ended.Token) is { } replaced)
            {
                return replaced;
            }
        }
    }

    private async Task AdmitAsync(InstanceRow row)
    {
        OwnedInstance instance = Load(row);
        while (!_instances.TryAdd(row.InstanceId, instance))
        {
            if (_instances.TryGetValue(row.InstanceId, out OwnedInstance? former) && !former.IsIn(row))
            {
                Forget(former, lost: true);
            }
            else if (former?.IsLive == true)
            {
                return;
            }
            else
            {
                // An earlier stay of the instance is about to leave.
                await Task.Delay(RetryPause, time, _ended.Token);
            }
        }

        Apply(instance, instance.Open());
        Background(row.InstanceId, SettleAsync(instance));
    }

    private OwnedInstance Load(InstanceRow row)
    {
        try
        {
            return new OwnedInstance(row, this);
        }
        catch (Newtonsoft.Json.JsonException damage)
        {
            logger.Damaged(damage, row.InstanceId);
            var details = new FailureDetails(nameof(InvalidDataException), $"The history is damaged: {damage.Message}", null, null, true);
            return new OwnedInstance(Ended(row, new ExecutionCompletedEvent(-1, details.ErrorMessage, OrchestrationStatus.Failed, details)), this);
        }
    }

    private async Task CommitAsync(OwnedInstance instance, bool release = false)
    {
        while (true)
        {
            InstanceRow next = instance.Compose(Host, release);
            InstanceRow? written = await InsistAsync(() => table.TryReplaceAsync(next, _ended.Token));
            if (written is not null)
            {
                Apply(instance, instance.Committed(written));
                if (instance.IsGone)
                {
                    Forget(instance, lost: false);
                }

                return;
            }

            InstanceRow? current = await InsistAsync(() => table.ReadAsync(instance.InstanceId, _ended.Token));
            if (current?.Owner != Host || !instance.IsIn(current))
            {
                Interlocked.Increment(ref _losses);
                logger.LostInstance(instance.InstanceId);
                Forget(instance, lost: true);
                return;
            }

            instance.CatchUp(current);
        }
    }

    /// <summary>Repeats what storage did not answer, until it does or the host ends.</summary>
    private async Task<T> InsistAsync<T>(Func<Task<T>> request)
    {
        while (true)
        {
            try
            {
                return await request();
            }
            catch (Exception failure) when (failure is AggregateException or IOException or RequestFailedException { Status: 0 or 408 or 429 or >= 500 })
            {
                logger.StorageFailed(failure);
                await Task.Delay(StoragePause, time, _ended.Token);
            }
        }
    }

    private void Apply(OwnedInstance instance, OwnedInstance.Effects effects)
    {
        foreach (TaskMessage activity in effects.Activities)
        {
            _activities.Writer.TryWrite(activity);
        }

        if (effects.Messages.Count > 0)
        {
            instance.Delivery = SendAsync(instance, instance.Delivery, effects.Messages);
            Background(instance.InstanceId, instance.Delivery);
        }
    }

    private async Task SendAsync(OwnedInstance instance, Task earlier, IReadOnlyList<TaskMessage> messages)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        foreach (TaskMessage message in messages)
        {
            await InsistAsync(async () => message.Event is ExecutionStartedEvent
                ? await StartChildAsync(message)
                : await DeliverAsync(message, _ended.Token));
        }

        instance.Delivered(messages);
        await FlushLaterAsync(instance);
    }

    private async Task<bool> StartChildAsync(TaskMessage message)
    {
        try
        {
            await CreateAsync(message, Live);
            return true;
        }
        catch (Exception refused) when (refused is OrchestrationAlreadyExistsException or RequestFailedException { Status: 400 })
        {
            ParentInstance parent = ((ExecutionStartedEvent)message.Event).ParentInstance;
            var failure = new SubOrchestrationInstanceFailedEvent(-1, parent.TaskScheduleId, refused.Message, null, new FailureDetails(refused));
            return await DeliverAsync(new TaskMessage { OrchestrationInstance = parent.OrchestrationInstance, Event = failure }, _ended.Token);
        }
    }

    /// <summary>Writes what need not be written at once, unless something else has written it meanwhile.</summary>
    private async Task FlushLaterAsync(OwnedInstance instance)
    {
        if (instance.IsLive)
        {
            await Task.Delay(options.ResultCommitDelay, time, _ended.Token);
        }

        await SettleAsync(instance);
    }

    private async Task SettleAsync(OwnedInstance instance)
    {
        while (instance.MustSettle)
        {
            if (instance.TryBegin())
            {
                await WorkAsync(instance, () => CommitAsync(instance));
                return;
            }

            await Task.Delay(RetryPause, time, _ended.Token);
        }
    }

    private async Task WorkAsync(OwnedInstance instance, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception failure) when (!_ended.IsCancellationRequested)
        {
            Reload(instance, failure);
        }
        finally
        {
            instance.End();
        }
    }

    private async Task ReadAgainAsync(string instanceId)
    {
        await Task.Delay(StoragePause, time, _ended.Token);
        if (await InsistAsync(() => table.ReadAsync(instanceId, _ended.Token)) is { } row && row.Owner == Host)
        {
            await AdmitAsync(row);
        }
    }

    private void Forget(OwnedInstance instance, bool lost)
    {
        if (lost)
        {
            instance.Lose();
        }

        _instances.TryRemove(KeyValuePair.Create(instance.InstanceId, instance));
        if (_endWaiters.TryRemove(instance.InstanceId, out TaskCompletionSource? waiters))
        {
            waiters.TrySetResult();
        }

        if (HasRoom && _overflow.TryDequeue(out string? waiting))
        {
            Background(waiting, TakeOverflowAsync(waiting));
        }
    }

    private async Task TakeOverflowAsync(string instanceId)
    {
        InstanceRow? row = await InsistAsync(() => table.ReadAsync(instanceId, _ended.Token));
        if (row is { HasEnded: false, Owner: null } && row.LookAt <= time.GetUtcNow())
        {
            await TryAdoptAsync(row, _ended.Token);
        }
    }

    private Arrival? TryReserve()
    {
        if (!IsOpen)
        {
            return null;
        }

        var arrival = new Arrival(this);
        if (_instances.Count + Interlocked.Increment(ref _arriving) <= options.MaxConcurrentOrchestrations)
        {
            return arrival;
        }

        arrival.Dispose();
        return null;
    }

    private void Background(string instanceId, Task work) => _ = WatchAsync(instanceId, work);

    private async Task WatchAsync(string instanceId, Task work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // One instance's trouble must not end the others'.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            logger.WorkFailed(failure, instanceId);
        }
    }

    /// <summary>A place for an instance that is about to come into memory.</summary>
    private sealed class Arrival(InstanceHub hub) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref hub._arriving);
    }
}
