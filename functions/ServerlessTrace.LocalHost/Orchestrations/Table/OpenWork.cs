using DurableTask.Core;
using DurableTask.Core.History;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>What an instance waits for: activities, timers and sub-orchestrations.</summary>
internal sealed class OpenWork
{
    private readonly HashSet<int> _activities = [];
    private readonly Dictionary<int, string> _children = [];
    private readonly PriorityQueue<TaskMessage, DateTimeOffset> _timers = new();

    public bool HasActivities => _activities.Count > 0;

    /// <summary>The instance ids of sub-orchestrations.</summary>
    public IReadOnlyCollection<string> Children => _children.Values;

    /// <summary>When the next timer is due; <see cref="InstanceRow.Never"/> for none.</summary>
    public DateTimeOffset NextTimer => _timers.TryPeek(out _, out DateTimeOffset due) ? due : InstanceRow.Never;

    /// <summary>Finds in a history what is open, but for what mail has answered already. Returns activities to run.</summary>
    public IReadOnlyList<TaskMessage> Reopen(IReadOnlyList<HistoryEvent> history, IEnumerable<TaskMessage> mail, OrchestrationInstance? instance)
    {
        var activities = new Dictionary<int, HistoryEvent>();
        var timers = new Dictionary<int, TimerCreatedEvent>();
        foreach (HistoryEvent happened in history.Concat(mail.Select(static message => message.Event)))
        {
            NoteChild(happened);
            switch (happened)
            {
                case TaskScheduledEvent:
                    activities[happened.EventId] = happened;
                    break;
                case TimerCreatedEvent created:
                    timers[happened.EventId] = created;
                    break;
                case TimerFiredEvent fired:
                    timers.Remove(fired.TimerId);
                    break;
                default:
                    activities.Remove(ActivityOf(happened) ?? -1);
                    break;
            }
        }

        TaskMessage[] open = [.. activities.Values.Select(scheduled => new TaskMessage { Event = scheduled, OrchestrationInstance = instance })];
        Add(open, [.. timers.Values.Select(created => new TaskMessage
        {
            Event = new TimerFiredEvent(-1, created.FireAt) { TimerId = created.EventId },
            OrchestrationInstance = instance,
        })]);
        return open;
    }

    public void Add(IEnumerable<TaskMessage> activities, IEnumerable<TaskMessage> timers)
    {
        _activities.UnionWith(activities.Select(static message => message.Event.EventId));
        foreach (TaskMessage timer in timers)
        {
            _timers.Enqueue(timer, new DateTimeOffset(DateTime.SpecifyKind(((TimerFiredEvent)timer.Event).FireAt, DateTimeKind.Utc)));
        }
    }

    /// <summary>Notes that a sub-orchestration was called or has answered.</summary>
    public void NoteChild(HistoryEvent happened)
    {
        switch (happened)
        {
            case SubOrchestrationInstanceCreatedEvent created:
                _children[created.EventId] = created.InstanceId;
                break;
            case SubOrchestrationInstanceCompletedEvent completed:
                _children.Remove(completed.TaskScheduledId);
                break;
            case SubOrchestrationInstanceFailedEvent failed:
                _children.Remove(failed.TaskScheduledId);
                break;
        }
    }

    /// <summary>Whether an event is the first result of an open activity, or no result at all.</summary>
    public bool Expects(HistoryEvent happened) => ActivityOf(happened) is not { } activity || _activities.Remove(activity);

    /// <summary>The timers that are due.</summary>
    public IEnumerable<TaskMessage> TakeDue(DateTimeOffset now)
    {
        while (NextTimer <= now)
        {
            yield return _timers.Dequeue();
        }
    }

    public void Clear()
    {
        _activities.Clear();
        _children.Clear();
        _timers.Clear();
    }

    /// <summary>The activity that an event is the result of; null where it is none.</summary>
    public static int? ActivityOf(HistoryEvent happened) => happened switch
    {
        TaskCompletedEvent completed => completed.TaskScheduledId,
        TaskFailedEvent failed => failed.TaskScheduledId,
        _ => null,
    };
}
