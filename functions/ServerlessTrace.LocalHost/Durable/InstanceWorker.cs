using System.Threading.Channels;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.LocalHost.Durable.History;
using ServerlessTrace.LocalHost.Durable.Replay;
using ServerlessTrace.LocalHost.Durable.Storage;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>
/// Holds one instance in memory, for as long as this host owns it. A single loop shows the orchestrator what happened, writes
/// that and what it did into the log, and only then does it: nothing is visible outside that the log does not say.
/// A turn that leads nowhere yet (the third of sixteen results) waits a little and is written with later ones.
/// </summary>
internal sealed class InstanceWorker
{
    private const double HeartbeatAt = 0.6;
    private const int MaxTurnLength = 1 << 20;

    private readonly DurableHub _hub;
    private readonly ILogger _logger;
    private readonly Exception? _doom;
    private readonly Channel<InstanceSignal> _signals = Channel.CreateUnbounded<InstanceSignal>();
    private readonly List<HistoryEvent> _unseen = [];
    private readonly List<Turn> _uncommitted = [];
    private readonly Dictionary<HistoryEvent, TaskCompletionSource<bool>> _waitingForCommit = new(ReferenceEqualityComparer.Instance);
    private readonly CancellationTokenSource _ownership;
    private readonly InstanceAlarm _alarm;
    private readonly InstanceTasks _tasks;
    private readonly InstanceLog _log;
    private AsyncServiceScope? _scope;
    private OrchestrationRun _run = null!;
    private InstanceRow _row;
    private bool _owns;
    private bool _isLost;
    private DateTimeOffset _oldestUncommitted;
    private DateTimeOffset _nextLook;
    private Task<bool>? _waiting;

    /// <param name="hub">The hub.</param>
    /// <param name="row">The instance as just read or written.</param>
    /// <param name="message">Its message, where this host has it.</param>
    /// <param name="owns">Whether the row says already that this host owns it.</param>
    /// <param name="doom">Why the instance is to fail at once; null where it is not.</param>
    public InstanceWorker(DurableHub hub, InstanceRow row, InstanceMessage? message, bool owns, Exception? doom)
    {
        _doom = doom;
        _hub = hub;
        _row = row;
        _alarm = new InstanceAlarm(row.InstanceId, hub.Queue, hub.Time, message, hub.Abandoned);
        _owns = owns;
        _logger = hub.Loggers.CreateLogger<InstanceWorker>();
        _ownership = CancellationTokenSource.CreateLinkedTokenSource(hub.BreakOff);
        _tasks = new InstanceTasks(row.InstanceId, hub, _signals.Writer, _ownership.Token);
        _log = new InstanceLog(hub.Store, hub.Abandoned);
    }

    private enum Outcome
    {
        Kept,
        Left,
        Lost,
    }

    public string InstanceId => _row.InstanceId;

    /// <summary>Completes when the instance has left memory.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Whether no other host can have ended or taken the instance yet.</summary>
    public bool IsSurelyLive => _owns && _row.IsLive && _row.NextAt > _hub.Time.GetUtcNow();

    private DateTimeOffset Now => _hub.Time.GetUtcNow();

    private bool IsSettled => _run.End is not null && !_run.OpenTasks.Any();

    private bool IsOver => IsSettled && _run.End!.Kind != HistoryActionKind.ContinueAsNew;

    private bool HasUnbegunTasks => _run.OpenTasks.Any(_tasks.IsUnbegun);

    private bool IsStopping => _hub.BeginNoMore.IsCancellationRequested && (_tasks.Running == 0 || _hub.GraceIsOver);

    public void Start() => Completion = Task.Run(RunAsync);

    /// <summary>Shows the instance an event, and says whether it is in the log; false where the instance has left this host.</summary>
    public Task<bool> RaiseAsync(HistoryEvent raised)
    {
        var committed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _signals.Writer.TryWrite(new InstanceSignal.Happened(raised, committed)) ? committed.Task : Task.FromResult(false);
    }

    /// <summary>Shows the instance an event that it can find again by itself; false where the instance has left this host.</summary>
    public bool Tell(HistoryEvent happened) => _signals.Writer.TryWrite(new InstanceSignal.Happened(happened, null));

    /// <summary>Gives the instance a message about it that this host received; false where it has left this host.</summary>
    public bool Receive(InstanceMessage message) => _signals.Writer.TryWrite(new InstanceSignal.Received(message));

    /// <summary>Makes the instance look at its row.</summary>
    public void Look() => _signals.Writer.TryWrite(new InstanceSignal.LookAtRow());

    /// <summary>Wakes the loop: the engine is stopping.</summary>
    public void Nudge() => _signals.Writer.TryWrite(new InstanceSignal.Nudged());

    private async Task RunAsync()
    {
        try
        {
            await LoadAsync();
            if (_doom is not null)
            {
                Abort(_doom);
            }

            while (await StepAsync())
            {
            }
        }
        catch (OperationCanceledException) when (_hub.Abandoned.IsCancellationRequested)
        {
            // As if the process had ended here.
        }
#pragma warning disable CA1031 // One instance's trouble must not end the others'.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _logger.WorkerFailed(failure, InstanceId);
            await _ownership.CancelAsync();
        }
        finally
        {
            await CloseAsync();
        }
    }

    /// <summary>Does the next thing there is to do; false when the instance has left.</summary>
    private async Task<bool> StepAsync()
    {
        await TakeSignalsAsync();
        if (_isLost)
        {
            await LoseAsync();
            return false;
        }

        NoteDueTimers();
        if (_unseen.Count > 0 && _run.OpenTasks.Any() && _tasks.Running > 0 && _hub.Options.CoalescingWindow > TimeSpan.Zero)
        {
            await Task.Delay(_hub.Options.CoalescingWindow, _hub.Time, _hub.Abandoned);
            await TakeSignalsAsync();
        }

        if (CanTakeTurn())
        {
            TakeTurn();
        }

        if (MustCommit())
        {
            bool isHeartbeat = _owns && Now >= HeartbeatDue;
            switch (await CommitAsync())
            {
                case Outcome.Lost:
                    await LoseAsync();
                    return false;
                case Outcome.Left:
                    await LeaveAsync();
                    return false;
                default:
                    await AfterCommitAsync(isHeartbeat);
                    return true;
            }
        }

        if (!_owns && CanPark())
        {
            // Woken for nothing: the row says already what there is to wait for.
            await _alarm.SetAsync(_row.NextAt);
            return false;
        }

        if (!CanTakeTurn())
        {
            await WaitAsync();
        }

        return true;
    }

    private DateTimeOffset HeartbeatDue => _row.NextAt - (_hub.Options.LeaseDuration * (1 - HeartbeatAt));

    private bool CanTakeTurn() => _unseen.Count > 0 && !IsSettled && (_run.Name.Length > 0 || NotBefore() <= Now);

    private DateTimeOffset NotBefore() =>
        _run.Name.Length == 0 && _unseen.Find(seen => seen.Kind == HistoryEventKind.Started)?.StartAt is { } at ? at : DateTimeOffset.MinValue;

    private void TakeTurn()
    {
        int count = 0;
        for (int length = 0; count < _unseen.Count && length < MaxTurnLength; count++)
        {
            length += _unseen[count].Payload?.Length ?? 0;
        }

        List<HistoryEvent> seen = _unseen.GetRange(0, count);
        _unseen.RemoveRange(0, count);
        DateTime now = Now.UtcDateTime;
        AddTurn(_run.Advance(now > _run.Now ? now : _run.Now, seen));
    }

    private void AddTurn(Turn turn)
    {
        if (_uncommitted.Count == 0)
        {
            _oldestUncommitted = Now;
        }

        _uncommitted.Add(turn);
    }

    private bool MustCommit() =>
        IsSettled
        || _uncommitted.Any(turn => turn.Done.Count > 0)
        || (_uncommitted.Count > 0 && Now >= _oldestUncommitted + _hub.Options.ResultCommitDelay)
        || (_uncommitted.Count > 0 && _waitingForCommit.Count > 0)
        || (_run.CustomStatus != _row.CustomStatus)
        || (!_owns && (HasUnbegunTasks || (_row.Custody != Custody.Parked && CanPark())))
        || (_owns && (Now >= HeartbeatDue || CanPark()))
        || IsStopping;

    /// <summary>Whether there is nothing to do for so long that the instance need not be in memory.</summary>
    private bool CanPark() =>
        _tasks.Running == 0
        && _run.End is null
        && !CanTakeTurn()
        && !_signals.Reader.TryPeek(out _)
        && !HasUnbegunTasks
        && WakeAt() - Now > _hub.Options.EvictionThreshold
        && !_run.OpenTasks.Any(task => task.Kind == HistoryActionKind.CallSubOrchestrator && _hub.Owns(task.InstanceId!));

    private DateTimeOffset WakeAt()
    {
        DateTimeOffset start = NotBefore();
        return start > Now ? start
            : _run.NextTimer is { } due ? new DateTimeOffset(due, TimeSpan.Zero)
            : InstanceRow.Never;
    }

    private (Custody Custody, DateTimeOffset NextAt) ChooseCustody() =>
        IsOver ? (Custody.Parked, InstanceRow.Never)
        : IsStopping ? (Custody.Ready, Now + DurableHub.MessageTrust)
        : !IsSettled && CanPark() ? (Custody.Parked, WakeAt())
        : (Custody.Owned, Now + _hub.Options.LeaseDuration);

    /// <summary>Writes what is not in the log yet and who looks after the instance from now on.</summary>
    private async Task<Outcome> CommitAsync()
    {
        await EnsureParentHearsAsync();
        while (true)
        {
            InstanceRow next = Compose(out int turns, out InstanceRow? superseded);
            InstanceRow? written = await _hub.Store.TryReplaceAsync(next, _hub.Abandoned, superseded);
            if (written is null)
            {
                switch (await CatchUpAsync(next))
                {
                    case null:
                        return Outcome.Lost;
                    case false:
                        continue;
                    case true:
                        break;
                }
            }
            else
            {
                _row = written;
            }

            _owns = true;
            if (superseded is not null)
            {
                BeginAnew();
                return Outcome.Kept;
            }

            Acknowledge(_uncommitted.Take(turns));
            _uncommitted.RemoveRange(0, turns);
            if (_uncommitted.Count == 0)
            {
                return _row.Custody == Custody.Owned ? Outcome.Kept : Outcome.Left;
            }
        }
    }

    private InstanceRow Compose(out int turns, out InstanceRow? superseded)
    {
        superseded = null;
        InstanceRow next = _row with
        {
            Epoch = _owns ? _row.Epoch : _row.Epoch + 1,
            Revision = _row.Revision + 1,
            CustomStatus = _run.CustomStatus,
            Status = OrchestrationRuntimeStatus.Running,
            Inbox = _unseen.Count(seen => seen.Inbox is not null),
        };
        if (IsSettled && _run.End!.Kind == HistoryActionKind.ContinueAsNew)
        {
            superseded = _row;
            turns = _uncommitted.Count;
            return Renew(next);
        }

        next = AppendTurns(next, out turns);
        bool isComplete = turns == _uncommitted.Count;
        (Custody custody, DateTimeOffset nextAt) = isComplete ? ChooseCustody() : (Custody.Owned, Now + _hub.Options.LeaseDuration);
        OrchestrationRuntimeStatus status =
            isComplete && IsOver ? StatusOf(_run.End!)
            : _run.Name.Length == 0 ? OrchestrationRuntimeStatus.Pending
            : OrchestrationRuntimeStatus.Running;
        return next with { Status = status, Custody = custody, NextAt = nextAt, Owner = custody == Custody.Owned ? _hub.Owner : null };
    }

    private InstanceRow AppendTurns(InstanceRow next, out int turns)
    {
        var frames = new List<byte[]>();
        int length = 0;
        while (frames.Count < _uncommitted.Count)
        {
            byte[] frame = HistoryCodec.Encode(new HistoryRecord(WithReferences(_uncommitted[frames.Count]), null));
            bool isTooMuch = frame.Length > InstanceStore.MaxWrite || next.EndPage - next.FirstPage >= InstanceStore.MaxPages;
            if (isTooMuch && _run.End?.Kind != HistoryActionKind.Fail)
            {
                Abort(new PayloadTooLargeException(
                    frame.Length > InstanceStore.MaxWrite ? "compressed history of one turn" : "history", frame.Length, InstanceStore.MaxWrite));
                frames.Clear();
                length = 0;
                continue;
            }

            if (frames.Count > 0 && length + frame.Length > InstanceStore.MaxWrite)
            {
                break;
            }

            frames.Add(frame);
            length += frame.Length;
        }

        turns = frames.Count;
        return next with { Tail = [.. next.Tail, .. frames.SelectMany(frame => frame)] };
    }

    /// <summary>The row of the next run: a log that holds nothing but its start and the events it inherits.</summary>
    private InstanceRow Renew(InstanceRow next)
    {
        HistoryAction end = _run.End!;
        IEnumerable<HistoryEvent> inherited = end.PreserveEvents
            ? _run.UnclaimedEvents.Concat(_unseen.Where(seen => seen.Kind == HistoryEventKind.EventRaised))
            : [];
        var start = new HistoryEvent
        {
            Kind = HistoryEventKind.Started,
            Name = _run.Name,
            Payload = end.Payload,
            ExecutionId = Guid.NewGuid().ToString("n"),
        };
        byte[][] frames = [.. inherited.Prepend(start).Select(seen => HistoryCodec.Encode(new HistoryRecord(null, seen with { Inbox = null })))];
        return next with
        {
            ExecutionId = start.ExecutionId,
            FirstPage = _row.EndPage,
            Tail = [.. frames.SelectMany(frame => frame)],
            Inbox = frames.Length,
            Custody = Custody.Owned,
            Owner = _hub.Owner,
            NextAt = Now + _hub.Options.LeaseDuration,
        };
    }

    private void BeginAnew()
    {
        Acknowledge(_uncommitted);
        foreach (TaskCompletionSource<bool> inherited in _waitingForCommit.Values)
        {
            inherited.TrySetResult(true);
        }

        _waitingForCommit.Clear();
        _uncommitted.Clear();
        _unseen.Clear();
        _tasks.Forget();
    }

    /// <summary>Reads what others wrote meanwhile: null where the instance is no longer this host's, true where the write in
    /// question had taken place after all, false where it is to be tried again.</summary>
    private async Task<bool?> CatchUpAsync(InstanceRow attempted)
    {
        InstanceRow? current = await _hub.Store.ReadAsync(InstanceId, _hub.Abandoned);
        bool took = current is not null && current.Epoch == attempted.Epoch && current.Revision == attempted.Revision && current.Owner == attempted.Owner;
        if (current is null || (!took && (current.Epoch != _row.Epoch || !current.IsLive)))
        {
            return null;
        }

        if (current.ExecutionId == _row.ExecutionId)
        {
            _unseen.AddRange(await _log.ReadNewAsync(current, since: _row));
        }

        _row = current;
        return took;
    }

    private async Task AfterCommitAsync(bool isHeartbeat)
    {
        if (_hub.Options.ReplayAfterEveryCommit || _run.ExecutionId != _row.ExecutionId)
        {
            await LoadAsync();
        }

        if (!_hub.BeginNoMore.IsCancellationRequested)
        {
            _tasks.Begin(_run);
        }

        if (isHeartbeat)
        {
            await _alarm.SetAsync(_row.NextAt);
        }
    }

    private async Task LoadAsync()
    {
        await DisposeScopeAsync();
        AsyncServiceScope scope = _hub.Services.CreateAsyncScope();
        _scope = scope;
        _nextLook = Now + _hub.Options.MaxQueuePollingInterval;
        _run = new OrchestrationRun(
            InstanceId,
            _row.Parent is { } parent ? new ParentOrchestrationInstance(parent.Name, parent.InstanceId) : null,
            _hub.Registry,
            scope.ServiceProvider,
            _hub.Loggers,
            OnWokenFromOutside)
        {
            CustomStatus = _row.CustomStatus,
        };
        (List<HistoryEvent> unconsumed, NonDeterministicOrchestrationException? diverged) = await _log.ReplayAsync(_row, _run);
        if (diverged is not null)
        {
            Abort(diverged);
        }

        _unseen.RemoveAll(seen => seen.Inbox is not null);
        _unseen.InsertRange(0, unconsumed);
    }

    private void OnWokenFromOutside(OrchestrationRun run)
    {
        if (!_signals.Writer.TryWrite(new InstanceSignal.WokenFromOutside(run)) && run.End is null)
        {
            _hub.FailLater(InstanceId, run.ExecutionId, run.NotDurable());
        }
    }

    private static Turn WithReferences(Turn turn) => turn with
    {
        Seen = [.. turn.Seen.Select(seen => seen.Inbox is null ? seen : new HistoryEvent { Kind = seen.Kind, Inbox = seen.Inbox })],
    };

    private void Abort(Exception reason)
    {
        _uncommitted.Clear();
        AddTurn(_run.Abort(Now.UtcDateTime, reason));
    }

    private async Task TakeSignalsAsync()
    {
        bool look = false;
        while (_signals.Reader.TryRead(out InstanceSignal? signal))
        {
            switch (signal)
            {
                case InstanceSignal.Happened happened:
                    Note(happened.Event);
                    if (happened.Committed is { } committed)
                    {
                        _waitingForCommit[happened.Event] = committed;
                    }

                    break;
                case InstanceSignal.CarriedOut { Failure: { } failure }:
                    throw new InvalidOperationException("A task of the orchestration could not be carried out.", failure);
                case InstanceSignal.CarriedOut carriedOut:
                    _tasks.NoteEnd();
                    Note(carriedOut.End);
                    break;
                case InstanceSignal.Received received:
                    await _alarm.KeepAsync(received.Message);
                    look = true;
                    break;
                case InstanceSignal.WokenFromOutside woken when woken.Run == _run && _run.End is null:
                    Abort(_run.NotDurable());
                    break;
                case InstanceSignal.LookAtRow:
                    look = true;
                    break;
                default:
                    break;
            }
        }

        if (look || (_run.WaitsForEvent && Now >= _nextLook))
        {
            await LookAtRowAsync();
        }
    }

    private void Note(HistoryEvent? happened)
    {
        bool isOfEarlierRun = happened?.ExecutionId is { } execution && happened.Kind != HistoryEventKind.Started && execution != _row.ExecutionId;
        if (happened is not null && !isOfEarlierRun)
        {
            _unseen.Add(happened);
        }
    }

    /// <summary>Other hosts write events into the row of an instance that this host has in memory.</summary>
    private async Task LookAtRowAsync()
    {
        _nextLook = Now + _hub.Options.MaxQueuePollingInterval;
        InstanceRow? current = await _hub.Store.ReadAsync(InstanceId, _hub.Abandoned);
        if (current?.Epoch != _row.Epoch || !current.IsLive)
        {
            _isLost = true;
        }
        else if (current.ETag != _row.ETag)
        {
            _unseen.AddRange(await _log.ReadNewAsync(current, since: _row));
            _row = current;
        }
    }

    private void NoteDueTimers()
    {
        DateTime now = Now.UtcDateTime;
        if (_run.NextTimer > now)
        {
            return;
        }

        foreach (HistoryAction timer in _run.OpenTasks.Where(task => task.FireAt <= now))
        {
            if (!_unseen.Exists(seen => seen.Kind == HistoryEventKind.TimerFired && seen.TaskId == timer.TaskId))
            {
                _unseen.Add(new HistoryEvent { Kind = HistoryEventKind.TimerFired, TaskId = timer.TaskId });
            }
        }
    }

    private async Task WaitAsync()
    {
        DateTimeOffset until = _owns ? HeartbeatDue : Now + _hub.Options.LeaseDuration;
        until = Earlier(until, WakeAt());
        until = _uncommitted.Count > 0 ? Earlier(until, _oldestUncommitted + _hub.Options.ResultCommitDelay) : until;
        until = _run.WaitsForEvent ? Earlier(until, _nextLook) : until;
        TimeSpan delay = until - Now;
        if (delay <= TimeSpan.Zero)
        {
            return;
        }

        _waiting ??= _signals.Reader.WaitToReadAsync(_hub.Abandoned).AsTask();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_hub.Abandoned);
        await Task.WhenAny(_waiting, Task.Delay(delay, _hub.Time, enough.Token));
        await enough.CancelAsync();
        if (_waiting.IsCompleted)
        {
            await _waiting;
            _waiting = null;
        }

        _hub.Abandoned.ThrowIfCancellationRequested();
    }

    /// <summary>A parent on another host must hear of the end even if this host dies right after writing it.</summary>
    private async Task EnsureParentHearsAsync()
    {
        if (IsOver && _row.Parent is { } parent && !_alarm.IsSet && !_hub.Owns(parent.InstanceId))
        {
            await _alarm.SetAsync(Now + _hub.Options.LeaseDuration);
        }
    }

    private async Task LeaveAsync()
    {
        if (!_row.IsLive)
        {
            if (_run.End is { Kind: HistoryActionKind.Fail, Failure: var failure })
            {
                _logger.OrchestrationFailed(_row.Name, InstanceId, failure?.ErrorMessage);
            }

            await _hub.OnEndedAsync(_row, _run.End!);
        }

        await _alarm.SetAsync(_row.Custody == Custody.Ready ? Now : _row.NextAt);
    }

    private async Task LoseAsync()
    {
        await _ownership.CancelAsync();
        _hub.NoteLoss();
        _logger.LostInstance(InstanceId);
    }

    private void Acknowledge(IEnumerable<Turn> committed)
    {
        foreach (HistoryEvent seen in committed.SelectMany(turn => turn.Seen))
        {
            if (_waitingForCommit.Remove(seen, out TaskCompletionSource<bool>? waiting))
            {
                waiting.TrySetResult(true);
            }
        }
    }

    private async Task CloseAsync()
    {
        _hub.Forget(this);
        _signals.Writer.TryComplete();
        var messages = new List<InstanceMessage>();
        while (_signals.Reader.TryRead(out InstanceSignal? signal))
        {
            (signal as InstanceSignal.Happened)?.Committed?.TrySetResult(false);
            if (signal is InstanceSignal.Received received)
            {
                messages.Add(received.Message);
            }
            else if (signal is InstanceSignal.WokenFromOutside woken)
            {
                OnWokenFromOutside(woken.Run);
            }
        }

        foreach (TaskCompletionSource<bool> waiting in _waitingForCommit.Values)
        {
            waiting.TrySetResult(false);
        }

        await DisposeScopeAsync();
        foreach (InstanceMessage message in messages)
        {
            _hub.HandleLater(message);
        }
    }

    private ValueTask DisposeScopeAsync() => _scope is { } scope ? scope.DisposeAsync() : ValueTask.CompletedTask;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static OrchestrationRuntimeStatus StatusOf(HistoryAction end) =>
        end.Kind == HistoryActionKind.Complete ? OrchestrationRuntimeStatus.Completed : OrchestrationRuntimeStatus.Failed;
}
