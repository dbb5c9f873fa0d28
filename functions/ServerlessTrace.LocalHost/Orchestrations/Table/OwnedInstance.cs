using DurableTask.Core;
using DurableTask.Core.History;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>
/// An instance that this host owns: its state, its mail, and what it waits for. One piece of work is done on it at a time: it begins
/// with <see cref="TryBegin"/>, or when the hub hears of it, and ends with <see cref="End"/>.
/// </summary>
internal sealed class OwnedInstance : IDisposable
{
    private const double LongestAlarm = 24 * 3600 * 1000;

    private readonly Lock _gate = new();
    private readonly InstanceHub _hub;
    private readonly MemoryStream _history = new();
    private readonly Inbox _inbox = new();
    private readonly OpenWork _open = new();
    private readonly List<TaskMessage> _notBegun = [];
    private readonly List<TaskMessage> _notSent = [];
    private readonly List<TaskMessage> _outbox;
    private readonly ITimer _alarm;
    private WorkItem _workItem;
    private InstanceRow _row;
    private string? _customStatus;
    private bool _isBusy;
    private bool _isLeaving;

    /// <param name="row">The instance as it was written or read last.</param>
    /// <param name="hub">The hub, which hears when there is something to show to the orchestrator: the instance is busy from then on.</param>
    /// <exception cref="Newtonsoft.Json.JsonException">The history is damaged.</exception>
    public OwnedInstance(InstanceRow row, InstanceHub hub)
    {
        _row = row;
        _hub = hub;
        ExecutionId = row.ExecutionId;
        _customStatus = row.Body.CustomStatus;
        _outbox = [.. row.Body.Outbox];
        _notSent.AddRange(_outbox);
        Status = row.Status;
        List<HistoryEvent> events = row.Body.ReadHistory();
        _history.Write(row.Body.History.Span);
        _workItem = NewWorkItem(events);
        _alarm = hub.Time.CreateTimer(static self => ((OwnedInstance)self!).OnAlarm(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _notBegun.AddRange(HasEnded ? [] : _open.Reopen(events, row.Body.Inbox, _workItem.OrchestrationRuntimeState.OrchestrationInstance));
        _inbox.AddStored(row.Body.Inbox);
    }

    public string InstanceId => _row.InstanceId;

    public string ExecutionId { get; private set; }

    public OrchestrationStatus Status { get; private set; }

    /// <summary>Whether this host has given the instance up: it must be neither changed nor written any more.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Whether there are results or messages that storage does not have.</summary>
    public bool IsDirty { get; private set; }

    /// <summary>Whether the row should be written although there is nothing to run.</summary>
    public bool MustSettle
    {
        get
        {
            lock (_gate)
            {
                return !IsGone && (IsDirty || IsOver || IsWaiting);
            }
        }
    }

    /// <summary>The delivery of the instance's messages, one after the other.</summary>
    public Task Delivery { get; set; } = Task.CompletedTask;

    /// <summary>Whether the instance runs, as far as this host can know.</summary>
    public bool IsLive
    {
        get
        {
            lock (_gate)
            {
                return !IsGone && !_isLeaving && !HasEnded;
            }
        }
    }

    private bool HasEnded => Status is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Terminated;

    private bool IsStarted => _history.Length > 0;

    private DateTimeOffset Now => _hub.Time.GetUtcNow();

    private bool CanRun => !IsGone && !_isLeaving && !HasEnded && !_inbox.IsEmpty && (IsStarted || Now >= _inbox.StartAt);

    private bool IsOver => HasEnded && _outbox.Count == 0;

    /// <summary>Whether there is nothing to do for so long that the instance need not be in memory.</summary>
    private bool IsWaiting => !HasEnded && _outbox.Count == 0 && !CanRun && !_open.HasActivities
        && NextDue - Now > _hub.Options.ParkThreshold && !_open.Children.Any(child => _hub.Find(child) is not null);

    private DateTimeOffset NextDue => IsStarted ? _open.NextTimer : _inbox.StartAt;

    /// <summary>Shows the instance a message that can be found out again if this host dies; false where the instance has left.</summary>
    public bool Post(TaskMessage message) => Add(message, null);

    /// <summary>Shows the instance a message, and says when storage has it; null where the instance has left. The result is false
    /// where the instance was lost before.</summary>
    public Task<bool>? PostDurably(TaskMessage message)
    {
        var stored = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return Add(message, stored) ? stored.Task : null;
    }

    /// <summary>Begins a piece of work on the instance; false where one is going on, or the instance has left.</summary>
    public bool TryBegin()
    {
        lock (_gate)
        {
            return !IsGone && !_isBusy && (_isBusy = true);
        }
    }

    /// <summary>Ends the piece of work. What was shown and not recorded, since the host stops, has not been shown.</summary>
    public void End()
    {
        lock (_gate)
        {
            _inbox.PutBack();
            _isBusy = false;
            Kick();
        }
    }

    /// <summary>Begins to run what can run: called once, when the hub has the instance.</summary>
    public Effects Open()
    {
        lock (_gate)
        {
            OnAlarm();
            return TakeEffects();
        }
    }

    /// <summary>What has arrived, as work for the orchestrator; null where the instance has left.</summary>
    public TaskOrchestrationWorkItem? Take()
    {
        lock (_gate)
        {
            if (IsGone)
            {
                return null;
            }

            if (_hub.Options.ReplayAlways)
            {
                _workItem = NewWorkItem([.. HistoryJson.ReadLines<HistoryEvent>(_history.ToArray())]);
            }

            _workItem.NewMessages = _inbox.Show();

            // The same object again: it keeps the orchestrator's state, so that Core resumes it instead of replaying its history.
            _workItem.OrchestrationRuntimeState.NewEvents.Clear();
            return _workItem;
        }
    }

    /// <summary>Records what the orchestrator did with what it was shown. Returns whether that has to be written at once; results
    /// that led to nothing may wait for others, since a crash costs no more than their activities.</summary>
    public bool Record(
        OrchestrationRuntimeState state, IList<TaskMessage> activities, IList<TaskMessage> forOthers, IList<TaskMessage> timers)
    {
        lock (_gate)
        {
            bool isNews = activities.Count + forOthers.Count + timers.Count > 0 || state.OrchestrationStatus != Status
                || state.Status != _customStatus || _inbox.IsAwaited;
            if (state.OrchestrationInstance!.ExecutionId != ExecutionId)
            {
                ExecutionId = state.OrchestrationInstance.ExecutionId;
                _history.SetLength(0);
                _open.Clear();
                isNews = true;
            }

            // Core's own events lack the inputs of activities, without which another host could not run them.
            Dictionary<int, HistoryEvent> scheduled = activities.ToDictionary(message => message.Event.EventId, message => message.Event);
            HistoryJson.WriteLines(
                _history, state.NewEvents.Select(happened => happened is TaskScheduledEvent ? scheduled.GetValueOrDefault(happened.EventId, happened) : happened));
            foreach (HistoryEvent happened in state.NewEvents)
            {
                _open.NoteChild(happened);
            }

            Status = state.OrchestrationStatus;
            _customStatus = state.Status;
            _outbox.AddRange(forOthers);
            _notSent.AddRange(forOthers);
            if (!HasEnded)
            {
                _notBegun.AddRange(activities);
                _open.Add(activities, timers);
            }

            IsDirty = true;
            return isNews;
        }
    }

    /// <summary>The row to write.</summary>
    /// <param name="host">This host.</param>
    /// <param name="release">Whether the instance is to leave this host in any case.</param>
    public InstanceRow Compose(string host, bool release)
    {
        lock (_gate)
        {
            (bool isOver, bool isWaiting) = (IsOver, IsWaiting);
            _isLeaving = isOver || isWaiting || release;
            return _row with
            {
                ExecutionId = ExecutionId,
                Status = IsStarted ? Status : OrchestrationStatus.Pending,
                UpdatedAt = Now,
                Owner = _isLeaving ? null : host,
                LookAt = isOver || !_isLeaving ? InstanceRow.Never : isWaiting ? NextDue : Now,
                Body = new InstanceBody(_history.ToArray(), HasEnded ? [] : _inbox.ToStore(), [.. _outbox], _customStatus),
            };
        }
    }

    /// <summary>Notes that the row was written.</summary>
    public Effects Committed(InstanceRow written)
    {
        lock (_gate)
        {
            _row = written;
            _inbox.Written(written.Body.Inbox);
            IsDirty = false;
            IsGone = _isLeaving;
            if (HasEnded)
            {
                _inbox.Close(isHandled: true);
            }

            if (!IsGone)
            {
                SetAlarm();
                return TakeEffects();
            }

            LetGo();
            return new Effects([], []);
        }
    }

    /// <summary>Notes that what was recorded need not be written yet.</summary>
    public void Defer()
    {
        lock (_gate)
        {
            IsDirty = true;
            _inbox.Discard();
        }
    }

    /// <summary>Whether a row is of the execution that this host has in memory.</summary>
    public bool IsIn(InstanceRow row) => !IsGone && (row.ExecutionId == _row.ExecutionId || row.ExecutionId == ExecutionId);

    /// <summary>Takes up the row as another host has changed it: it has new mail.</summary>
    public void CatchUp(InstanceRow current)
    {
        lock (_gate)
        {
            _isLeaving = false;
            _row = current;
            _inbox.AddStored(current.Body.Inbox);
        }
    }

    /// <summary>Notes that messages were delivered. Returns whether the instance has ended and only they were left to do.</summary>
    public bool Delivered(IReadOnlyList<TaskMessage> messages)
    {
        lock (_gate)
        {
            _outbox.RemoveAll(messages.Contains);
            IsDirty = true;
            return HasEnded && _outbox.Count == 0;
        }
    }

    /// <summary>Gives the instance up: another host has it.</summary>
    public void Lose()
    {
        lock (_gate)
        {
            LetGo();
        }
    }

    public void Dispose() => _alarm.Dispose();

    private WorkItem NewWorkItem(List<HistoryEvent> history) => new(this)
    {
        InstanceId = InstanceId,
        OrchestrationRuntimeState = new OrchestrationRuntimeState(history) { Status = _customStatus },
        LockedUntilUtc = DateTime.MaxValue,
    };

    private bool Add(TaskMessage message, TaskCompletionSource<bool>? stored)
    {
        lock (_gate)
        {
            if (IsGone || _isLeaving)
            {
                return false;
            }

            bool isOfEarlierExecution = OpenWork.ActivityOf(message.Event) is not null && message.OrchestrationInstance.ExecutionId != ExecutionId;
            if (isOfEarlierExecution || !_open.Expects(message.Event))
            {
                return true;
            }

            if (HasEnded)
            {
                stored?.TrySetResult(true);
                return true;
            }

            _inbox.Add(message, stored);
            IsDirty |= stored is not null && !CanRun && !_isBusy;
            Kick();
            return true;
        }
    }

    private void OnAlarm()
    {
        lock (_gate)
        {
            SetAlarm();
            Kick();
        }
    }

    private void Kick()
    {
        if (!_isBusy && CanRun && _hub.IsOpen)
        {
            _isBusy = true;
            _hub.Announce(this);
        }
    }

    /// <summary>Lets timers fire that are due, and sets the alarm for the next one.</summary>
    private void SetAlarm()
    {
        DateTimeOffset now = Now;
        foreach (TaskMessage fired in _open.TakeDue(now))
        {
            _inbox.Add(fired, null);
        }

        if (!IsGone && NextDue < InstanceRow.Never && NextDue > now)
        {
            // Whole milliseconds, rounded up: a timer never fires early.
            TimeSpan wait = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min((NextDue - now).TotalMilliseconds, LongestAlarm)));
            _alarm.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private Effects TakeEffects()
    {
        var effects = new Effects([.. _notBegun], [.. _notSent]);
        _notBegun.Clear();
        _notSent.Clear();
        return effects;
    }

    private void LetGo()
    {
        IsGone = true;
        _alarm.Dispose();
        _inbox.Close(isHandled: false);
    }

    /// <summary>What may be done now that storage has the decision.</summary>
    /// <param name="Activities">Activities to run.</param>
    /// <param name="Messages">Messages to deliver to other instances.</param>
    internal sealed record Effects(IReadOnlyList<TaskMessage> Activities, IReadOnlyList<TaskMessage> Messages);

    /// <summary>Work on an instance, as Core knows it.</summary>
    internal sealed class WorkItem(OwnedInstance instance) : TaskOrchestrationWorkItem
    {
        public OwnedInstance Instance => instance;
    }
}
