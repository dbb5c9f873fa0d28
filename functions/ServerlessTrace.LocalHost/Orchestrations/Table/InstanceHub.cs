using System.Collections.Concurrent;
using System.Threading.Channels;
using Azure;
using DurableTask.Core;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>
/// The instances that this host owns, and what can be done to any instance of the hub. Invariant: nothing takes effect (an activity,
/// a message to another instance, an answer to a client) before the row that decides it is written.
/// </summary>
internal sealed class InstanceHub : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan StoragePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, OwnedInstance> _instances = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _overflow = new();
    private readonly Channel<OwnedInstance> _ready = Channel.CreateUnbounded<OwnedInstance>();
    private readonly Channel<TaskMessage> _activities = Channel.CreateUnbounded<TaskMessage>();
    private readonly CancellationTokenSource _ended = new();
    private readonly ILogger _logger;
    private int _arriving;

    public InstanceHub(InstanceTable table, TableOrchestrationOptions options, TimeProvider time, ILogger logger)
    {
        Table = table;
        Options = options;
        Time = time;
        Mail = new InstanceMail(this, logger);
        _logger = logger;
    }

    public string Host { get; } = HostIdentity.New().ToString();

    public InstanceTable Table { get; }

    public TableOrchestrationOptions Options { get; }

    public TimeProvider Time { get; }

    public InstanceMail Mail { get; }

    /// <summary>Cancelled when the host ends.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Instances with work for their orchestrator.</summary>
    public ChannelReader<OwnedInstance> Ready => _ready.Reader;

    /// <summary>Activities to run.</summary>
    public ChannelReader<TaskMessage> Activities => _activities.Reader;

    /// <summary>Whether the host takes instances: it does not before it starts, nor once it stops.</summary>
    public bool IsOpen { get; set; }

    public bool HasRoom => IsOpen && _instances.Count + Volatile.Read(ref _arriving) < Options.MaxConcurrentOrchestrations;

    /// <summary>Takes over an instance that has no owner, or whose owner is gone.</summary>
    public async Task<bool> TryAdoptAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        using IDisposable? arrival = TryReserve();
        DateTimeOffset lookAt = arrival is null ? Time.GetUtcNow() : InstanceRow.Never;
        if (await Table.TryAssignAsync(row, arrival is null ? null : Host, lookAt, cancellationToken) is not { } mine)
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
                if (await Table.ReadAsync(row.InstanceId, cancellationToken) is { } current && current.Owner == Host)
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
            _logger.WorkFailed(failure, instance.InstanceId);
            Forget(instance, lost: true);
            Background(instance.InstanceId, ReadAgainAsync(instance.InstanceId));
        }
    }

    /// <summary>Hands all instances over to other hosts: those with work are looked at by them at once. Returns whether none is left.</summary>
    public async Task<bool> ReleaseAsync()
    {
        IsOpen = false;
        long begun = Time.GetTimestamp();
        while (true)
        {
            while (_ready.Reader.TryRead(out OwnedInstance? queued))
            {
                queued.End();
            }

            await Parallel.ForEachAsync(
                _instances.Values.Where(static instance => instance.TryBegin()), async (instance, _) => await CommitAsync(instance, release: true));
            bool isDone = _instances.IsEmpty && Volatile.Read(ref _arriving) == 0;
            if (isDone || Time.GetElapsedTime(begun) > ReleaseLimit)
            {
                return isDone;
            }

            await Task.Delay(RetryPause, Time, Ended);
        }
    }

    /// <summary>Queues an instance for its orchestrator.</summary>
    public void Announce(OwnedInstance instance) => _ready.Writer.TryWrite(instance);

    /// <summary>Notes an instance that waits in the table for want of room, so that this host takes it when it has some.</summary>
    public void Overflow(string instanceId) => _overflow.Enqueue(instanceId);

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

    /// <summary>Brings an instance into memory that this host owns.</summary>
    public async Task AdmitAsync(InstanceRow row)
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
                await Task.Delay(RetryPause, Time, Ended);
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
            _logger.Damaged(damage, row.InstanceId);
            return new OwnedInstance(row.Damaged(damage), this);
        }
    }

    private async Task CommitAsync(OwnedInstance instance, bool release = false)
    {
        while (true)
        {
            InstanceRow next = instance.Compose(Host, release);
            InstanceRow? written = await InsistAsync(() => Table.TryReplaceAsync(next, Ended));
            if (written is not null)
            {
                Apply(instance, instance.Committed(written));
                if (instance.IsGone)
                {
                    Forget(instance, lost: false);
                }

                return;
            }

            InstanceRow? current = await InsistAsync(() => Table.ReadAsync(instance.InstanceId, Ended));
            if (current?.Owner != Host || !instance.IsIn(current))
            {
                _logger.LostInstance(instance.InstanceId);
                Forget(instance, lost: true);
                return;
            }

            instance.CatchUp(current);
        }
    }

    /// <summary>Repeats what storage did not answer, until it does or the host ends.</summary>
    public async Task<T> InsistAsync<T>(Func<Task<T>> request)
    {
        while (true)
        {
            try
            {
                return await request();
            }
            catch (Exception failure) when (failure is AggregateException or IOException or RequestFailedException { Status: 0 or 408 or 429 or >= 500 })
            {
                _logger.StorageFailed(failure);
                await Task.Delay(StoragePause, Time, Ended);
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
            instance.Delivery = Mail.SendAsync(instance, instance.Delivery, effects.Messages);
            Background(instance.InstanceId, instance.Delivery);
        }
    }

    /// <summary>Writes what need not be written at once, unless something else has written it meanwhile.</summary>
    public async Task FlushLaterAsync(OwnedInstance instance)
    {
        if (instance.IsLive)
        {
            await Task.Delay(Options.ResultCommitDelay, Time, Ended);
        }

        await SettleAsync(instance);
    }

    /// <summary>Writes what has to be written although there is nothing to run.</summary>
    public async Task SettleAsync(OwnedInstance instance)
    {
        while (instance.MustSettle)
        {
            if (instance.TryBegin())
            {
                await WorkAsync(instance, () => CommitAsync(instance));
                return;
            }

            await Task.Delay(RetryPause, Time, Ended);
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
        await Task.Delay(StoragePause, Time, Ended);
        if (await InsistAsync(() => Table.ReadAsync(instanceId, Ended)) is { } row && row.Owner == Host)
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
        if (HasRoom && _overflow.TryDequeue(out string? waiting))
        {
            Background(waiting, TakeOverflowAsync(waiting));
        }
    }

    private async Task TakeOverflowAsync(string instanceId)
    {
        InstanceRow? row = await InsistAsync(() => Table.ReadAsync(instanceId, Ended));
        if (row is { HasEnded: false, Owner: null } && row.LookAt <= Time.GetUtcNow())
        {
            await TryAdoptAsync(row, Ended);
        }
    }

    /// <summary>A place for an instance that is about to come into memory; null where there is none.</summary>
    public IDisposable? TryReserve()
    {
        if (!IsOpen)
        {
            return null;
        }

        var arrival = new Arrival(this);
        if (_instances.Count + Interlocked.Increment(ref _arriving) <= Options.MaxConcurrentOrchestrations)
        {
            return arrival;
        }

        arrival.Dispose();
        return null;
    }

    /// <summary>Leaves work to itself: its trouble is logged.</summary>
    public void Background(string instanceId, Task work) => _ = WatchAsync(instanceId, work);

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
            _logger.WorkFailed(failure, instanceId);
        }
    }

    /// <summary>A place for an instance that is about to come into memory.</summary>
    private sealed class Arrival(InstanceHub hub) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref hub._arriving);
    }
}
