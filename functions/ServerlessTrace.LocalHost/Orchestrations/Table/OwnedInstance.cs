using DurableTask.Core;
using DurableTask.Core.History;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>
/// An instance that this host owns: its state, what has arrived for it, and what it waits for. One piece of work is done on it at a
/// time, between <see cref="TryBegin"/> (or <c>ready</c>) and <see cref="End"/>.
/// </summary>
internal sealed class OwnedInstance : IDisposable
{
    private static readonly TimeSpan LongestAlarm = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly InstanceHub _hub;
    private readonly MemoryStream _history = new();
    private readonly List<Arrival> _arrived = [];
    private readonly List<Arrival> _shown = [];
    private readonly PriorityQueue<TaskMessage, DateTimeOffset> _timers = new();
    private readonly HashSet<int> _openActivities = [];
    private readonly Dictionary<int, string> _openChildren = [];
    private readonly List<TaskMessage> _notBegun = [];
    private readonly List<TaskMessage> _notSent = [];
    private readonly List<TaskMessage> _outbox;
    private readonly ITimer _alarm;
    private WorkItem _workItem;
    private HashSet<long> _known;
    private InstanceRow _row;
    private DateTimeOffset _startAt = InstanceRow.Never;
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
        _known = [.. row.Body.Inbox.Select(static message => message.SequenceNumber)];
        Status = row.Status;
        List<HistoryEvent> events = row.Body.ReadHistory();
        _history.Write(row.Body.History.Span);
        _workItem = NewWorkItem(events);
        _alarm = hub.Time.CreateTimer(static self => ((OwnedInstance)self!).OnAlarm(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Reopen(events, row.Body.Inbox);
        _arrived.AddRange(row.Body.Inbox.Select(static message => new Arrival(message, null, IsStored: true)));
        NoteStart(row.Body.Inbox);
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

    private bool CanRun => !IsGone && !_isLeaving && !HasEnded && _arrived.Count > 0 && (IsStarted || Now >= _startAt);

    private bool IsOver => HasEnded && _outbox.Count == 0;

    /// <summary>Whether there is nothing to do for so long that the instance need not be in memory.</summary>
    private bool IsWaiting => !HasEnded && _outbox.Count == 0 && !CanRun && _openActivities.Count == 0
        && NextDue - Now > _hub.Options.ParkThreshold && !_openChildren.Values.Any(child => _hub.Find(child) is not null);

    private DateTimeOffset NextDue =>
        !IsStarted ? _startAt : _timers.TryPeek(out _, out DateTimeOffset due) ? due : InstanceRow.Never;

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
            _arrived.InsertRange(0, _shown);
            _shown.Clear();
            _isBusy = false;
            Kick();
        }
    }

    /// <summary>Begins to run what can run: called once, when the hub has the instance.</summary>
    public Effects Open()
    {
        lock (_gate)
        {
            SetAlarm();
            Kick();
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

            _shown.AddRange(_arrived);
            _arrived.Clear();
            if (_hub.Options.ReplayAlways)
            {
                _workItem = NewWorkItem([.. HistoryJson.ReadLines<HistoryEvent>(_history.ToArray())]);
            }

            _workItem.NewMessages = [.. _shown.Select(static arrival => arrival.Message)];

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
                || state.Status != _customStatus || _shown.Any(static arrival => arrival.IsStored || arrival.Stored is not null);
            if (state.OrchestrationInstance!.ExecutionId != ExecutionId)
            {
                ExecutionId = state.OrchestrationInstance.ExecutionId;
                _history.SetLength(0);
                _timers.Clear();
                _openActivities.Clear();
                _openChildren.Clear();
                isNews = true;
            }

            // Core's own events lack the inputs of activities, without which another host could not run them.
            Dictionary<int, HistoryEvent> scheduled = activities.ToDictionary(message => message.Event.EventId, message => message.Event);
            HistoryJson.WriteLines(
                _history, state.NewEvents.Select(happened => happened is TaskScheduledEvent ? scheduled.GetValueOrDefault(happened.EventId, happened) : happened));
            foreach (HistoryEvent happened in state.NewEvents)
            {
                NoteChild(happened);
            }

            Status = state.OrchestrationStatus;
            _customStatus = state.Status;
            _outbox.AddRange(forOthers);
            _notSent.AddRange(forOthers);
            if (!HasEnded)
            {
                AddActivities(activities);
                AddTimers(timers);
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
            bool isOver = IsOver;
            bool isWaiting = IsWaiting;
            _isLeaving = isOver || isWaiting || release;
            TaskMessage[] inbox = HasEnded ? [] : [.. _arrived.Select(static arrival => arrival.Message)];
            _known.UnionWith(inbox.Select(static message => message.SequenceNumber));
            return _row with
            {
                ExecutionId = ExecutionId,
                Status = IsStarted ? Status : OrchestrationStatus.Pending,
                UpdatedAt = Now,
                Owner = _isLeaving ? null : host,
                LookAt = isOver || !_isLeaving ? InstanceRow.Never : isWaiting ? NextDue : Now,
                Body = new InstanceBody(_history.ToArray(), inbox, [.. _outbox], _customStatus),
            };
        }
    }

    /// <summary>Notes that the row was written.</summary>
    public Effects Committed(InstanceRow written)
    {
        lock (_gate)
        {
            _row = written;
            _known = [.. written.Body.Inbox.Select(static message => message.SequenceNumber)];
            IsDirty = false;
            IsGone = _isLeaving;
            foreach (Arrival arrival in _shown.Concat(_arrived.Where(arrival => _known.Contains(arrival.Message.SequenceNumber) || HasEnded)))
            {
                arrival.Stored?.TrySetResult(true);
            }

            _shown.Clear();
            if (IsGone)
            {
                LetGo();
                return new Effects([], []);
            }

            SetAlarm();
            return TakeEffects();
        }
    }

    /// <summary>Notes that what was recorded need not be written yet.</summary>
    public void Defer()
    {
        lock (_gate)
        {
            IsDirty = true;
            foreach (Arrival arrival in _shown)
            {
                arrival.Stored?.TrySetResult(true);
            }

            _shown.Clear();
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
            TaskMessage[] mail = [.. current.Body.Inbox.Where(message => _known.Add(message.SequenceNumber))];
            _arrived.AddRange(mail.Select(static message => new Arrival(message, null, IsStored: true)));
            NoteStart(mail);
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
            IsGone = true;
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

            if (TaskOf(message.Event) is { } task && (message.OrchestrationInstance.ExecutionId != ExecutionId || !_openActivities.Remove(task)))
            {
                return true;
            }

            message.SequenceNumber = Random.Shared.NextInt64(1, long.MaxValue);
            if (HasEnded)
            {
                stored?.TrySetResult(true);
                return true;
            }

            _arrived.Add(new Arrival(message, stored, IsStored: false));
            NoteStart([message]);
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
        if (IsGone)
        {
            return;
        }

        DateTimeOffset now = Now;
        while (_timers.TryPeek(out TaskMessage? fired, out DateTimeOffset due) && due <= now)
        {
            _timers.Dequeue();
            fired.SequenceNumber = Random.Shared.NextInt64(1, long.MaxValue);
            _arrived.Add(new Arrival(fired, null, IsStored: false));
        }

        if (NextDue < InstanceRow.Never && NextDue > now)
        {
            // Whole milliseconds, rounded up: a timer never fires early.
            TimeSpan wait = TimeSpan.FromMilliseconds(Math.Ceiling((NextDue - now).TotalMilliseconds));
            _alarm.Change(wait < LongestAlarm ? wait : LongestAlarm, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Finds out from the history what the instance waits for.</summary>
    private void Reopen(List<HistoryEvent> events, IReadOnlyList<TaskMessage> inbox)
    {
        var activities = new Dictionary<int, TaskScheduledEvent>();
        var timers = new Dictionary<int, TimerCreatedEvent>();
        foreach (HistoryEvent happened in events.Concat(inbox.Select(static message => message.Event)))
        {
            NoteChild(happened);
            switch (happened)
            {
                case TaskScheduledEvent scheduled:
                    activities[scheduled.EventId] = scheduled;
                    break;
                case TimerCreatedEvent created:
                    timers[created.EventId] = created;
                    break;
                case TimerFiredEvent fired:
                    timers.Remove(fired.TimerId);
                    break;
                default:
                    activities.Remove(TaskOf(happened) ?? -1);
                    break;
            }
        }

        OrchestrationInstance? instance = _workItem.OrchestrationRuntimeState.OrchestrationInstance;
        if (!HasEnded)
        {
            AddActivities([.. activities.Values.Select(scheduled => new TaskMessage { Event = scheduled, OrchestrationInstance = instance })]);
            AddTimers([.. timers.Values.Select(created => new TaskMessage
            {
                Event = new TimerFiredEvent(-1, created.FireAt) { TimerId = created.EventId },
                OrchestrationInstance = instance,
            })]);
        }
    }

    private void AddActivities(IList<TaskMessage> activities)
    {
        _notBegun.AddRange(activities);
        _openActivities.UnionWith(activities.Select(static message => message.Event.EventId));
    }

    private void AddTimers(IList<TaskMessage> timers)
    {
        foreach (TaskMessage timer in timers)
        {
            _timers.Enqueue(timer, new DateTimeOffset(DateTime.SpecifyKind(((TimerFiredEvent)timer.Event).FireAt, DateTimeKind.Utc)));
        }
    }

    private void NoteChild(HistoryEvent happened)
    {
        switch (happened)
        {
            case SubOrchestrationInstanceCreatedEvent created:
                _openChildren[created.EventId] = created.InstanceId;
                break;
            case SubOrchestrationInstanceCompletedEvent completed:
                _openChildren.Remove(completed.TaskScheduledId);
                break;
            case SubOrchestrationInstanceFailedEvent failed:
                _openChildren.Remove(failed.TaskScheduledId);
                break;
        }
    }

    private void NoteStart(IEnumerable<TaskMessage> mail)
    {
        foreach (HistoryEvent happened in mail.Select(static message => message.Event))
        {
            _startAt = happened switch
            {
                ExecutionStartedEvent { ScheduledStartTime: { } at } => new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)),
                ExecutionStartedEvent or ExecutionTerminatedEvent => DateTimeOffset.MinValue,
                _ => _startAt,
            };
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
        _alarm.Dispose();
        foreach (Arrival arrival in _shown.Concat(_arrived))
        {
            arrival.Stored?.TrySetResult(false);
        }
    }

    private static int? TaskOf(HistoryEvent happened) => happened switch
    {
        TaskCompletedEvent completed => completed.TaskScheduledId,
        TaskFailedEvent failed => failed.TaskScheduledId,
        _ => null,
    };

    /// <summary>What may be done now that storage has the decision.</summary>
    /// <param name="Activities">Activities to run.</param>
    /// <param name="Messages">Messages to deliver to other instances.</param>
    internal sealed record Effects(IReadOnlyList<TaskMessage> Activities, IReadOnlyList<TaskMessage> Messages);

    /// <summary>Work on an instance, as Core knows it.</summary>
    internal sealed class WorkItem(OwnedInstance instance) : TaskOrchestrationWorkItem
    {
        public OwnedInstance Instance => instance;
    }

    /// <param name="Message">A message for the instance.</param>
    /// <param name="Stored">Completed when storage has it; null where nobody waits for that.</param>
    /// <param name="IsStored">Whether it came from storage.</param>
    private readonly record struct Arrival(TaskMessage Message, TaskCompletionSource<bool>? Stored, bool IsStored);
}
