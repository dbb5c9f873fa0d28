using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.DurableTask;
using ServerlessTrace.LocalHost.Durable.History;

namespace ServerlessTrace.LocalHost.Durable.Replay;

/// <summary>
/// One run of an orchestrator in memory: a deterministic function from events to actions. It is fed turn by turn, live or from
/// the history, by one caller at a time; both ways are the same code, so that what replays is what ran.
/// </summary>
internal sealed class OrchestrationRun
{
    private readonly DurableTaskRegistry _registry;
    private readonly IServiceProvider _services;
    private readonly ILoggerFactory _loggers;
    private readonly Action<OrchestrationRun> _onForeignAwait;
    private readonly OrchestratorThread _thread;
    private readonly SortedDictionary<int, OpenTask> _open = [];
    private readonly List<(string Name, TaskCompletionSource<string?> Result)> _eventWaiters = [];
    private readonly List<HistoryEvent> _unclaimedEvents = [];
    private readonly HashSet<string> _deliveries = [];
    private List<HistoryAction> _done = [];
    private Task<object?>? _main;
    private HistoryEvent? _start;
    private HistoryAction? _continueAsNew;
    private int _lastTaskId;
    private int _guids;
    private int _turns;

    public OrchestrationRun(
        string instanceId,
        ParentOrchestrationInstance? parent,
        DurableTaskRegistry registry,
        IServiceProvider services,
        ILoggerFactory loggers,
        Action<OrchestrationRun> onForeignAwait)
    {
        InstanceId = instanceId;
        Parent = parent;
        _registry = registry;
        _services = services;
        _loggers = loggers;
        _onForeignAwait = onForeignAwait;
        _thread = new OrchestratorThread(OnForeignAwait);
    }

    public string InstanceId { get; }

    public ParentOrchestrationInstance? Parent { get; }

    public string Name => _start?.Name ?? string.Empty;

    public string? Input => _start?.Payload;

    public string ExecutionId => _start?.ExecutionId ?? string.Empty;

    public DateTime Now { get; private set; }

    public bool IsReplaying { get; private set; }

    /// <summary>JSON of the last custom status; null where none was set.</summary>
    public string? CustomStatus { get; set; }

    /// <summary>The action that ended the run; null while it goes on.</summary>
    public HistoryAction? End { get; private set; }

    /// <summary>Set when the run was woken by something that is not durable.</summary>
    public bool WasWokenFromOutside { get; private set; }

    /// <summary>Tasks whose end the run has not seen.</summary>
    public IEnumerable<HistoryAction> OpenTasks => _open.Values.Select(task => task.Action);

    public bool WaitsForEvent => _eventWaiters.Count > 0;

    /// <summary>Events that nobody has waited for yet, oldest first.</summary>
    public IReadOnlyList<HistoryEvent> UnclaimedEvents => _unclaimedEvents;

    /// <summary>When the next timer is due, UTC; null without timers.</summary>
    public DateTime? NextTimer => _open.Values.Min(task => task.Action.FireAt);

    public ILoggerFactory Loggers => _loggers;

    /// <summary>Takes a live turn.</summary>
    public Turn Advance(DateTime at, IReadOnlyList<HistoryEvent> events)
    {
        IsReplaying = false;
        return new Turn(at, events, Step(at, events));
    }

    /// <summary>Takes a recorded turn again.</summary>
    /// <exception cref="NonDeterministicOrchestrationException">The code did something else than what was recorded.</exception>
    public void Replay(Turn recorded)
    {
        IsReplaying = true;
        List<HistoryAction> done = Step(recorded.At, recorded.Seen);
        _turns++;
        for (int i = 0; i < Math.Max(done.Count, recorded.Done.Count); i++)
        {
            HistoryAction? then = i < recorded.Done.Count ? recorded.Done[i] : null;
            HistoryAction? now = i < done.Count ? done[i] : null;
            if (then is null || now is null || !then.Matches(now))
            {
                throw Diverged(i, then, now);
            }

            if (_open.TryGetValue(then.TaskId, out OpenTask? task))
            {
                // What was recorded counts: the task may have been started already with that input.
                _open[then.TaskId] = task with { Action = then };
            }
        }

        IsReplaying = false;
    }

    /// <summary>Ends the run from outside of the orchestrator.</summary>
    public Turn Abort(DateTime at, Exception reason)
    {
        End = new HistoryAction { Kind = HistoryActionKind.Fail, Failure = FailureRecord.Of(reason) };
        _open.Clear();
        return new Turn(at, [], [End]);
    }

    public Task<string?> Start(HistoryAction action)
    {
        RequireOwnThread();
        HistoryAction started = action with { TaskId = ++_lastTaskId };
        if (started.Kind == HistoryActionKind.CallSubOrchestrator)
        {
            started = started with { InstanceId = DeterministicGuid("task", started.TaskId).ToString("n") };
        }

        var task = new OpenTask(started, new TaskCompletionSource<string?>(started.TaskId));
        _open.Add(started.TaskId, task);
        _done.Add(started);
        return task.Result.Task;
    }

    public Task StartTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        Task<string?> timer = Start(new HistoryAction { Kind = HistoryActionKind.CreateTimer, FireAt = fireAt });
        int taskId = (int)timer.AsyncState!;
        CancelWith(_open[taskId].Result, () => _open.Remove(taskId), cancellationToken);
        return timer;
    }

    public Task<string?> WaitForEvent(string name, CancellationToken cancellationToken)
    {
        RequireOwnThread();
        int buffered = _unclaimedEvents.FindIndex(raised => string.Equals(raised.Name, name, StringComparison.OrdinalIgnoreCase));
        if (buffered >= 0)
        {
            HistoryEvent raised = _unclaimedEvents[buffered];
            _unclaimedEvents.RemoveAt(buffered);
            return Task.FromResult(raised.Payload);
        }

        var waiter = new TaskCompletionSource<string?>();
        _eventWaiters.Add((name, waiter));
        CancelWith(waiter, () => _eventWaiters.Remove((name, waiter)), cancellationToken);
        return waiter.Task;
    }

    public void ContinueAsNew(string? input, bool preserveEvents)
    {
        RequireOwnThread();
        _continueAsNew = new HistoryAction { Kind = HistoryActionKind.ContinueAsNew, Payload = input, PreserveEvents = preserveEvents };
    }

    public Guid NewGuid()
    {
        RequireOwnThread();
        return DeterministicGuid("guid", ++_guids);
    }

    public void RequireOwnThread()
    {
        if (!_thread.IsCurrent)
        {
            OnForeignAwait();
            throw NotDurable();
        }
    }

    public NonDeterministicOrchestrationException NotDurable() => new(
        $"Orchestrator '{Name}' (instance '{InstanceId}') awaited a task that is not durable. An orchestrator may await only what its " +
        "context returns, without ConfigureAwait(false); delays are CreateTimer, everything else belongs into an activity.");

    private List<HistoryAction> Step(DateTime at, IReadOnlyList<HistoryEvent> events)
    {
        Now = at;
        _done = [];
        foreach (HistoryEvent seen in events)
        {
            _thread.Run(() => Show(seen));
            NoteEnd();
        }

        if (End is null && _main is not null && _open.Count == 0 && _eventWaiters.Count == 0)
        {
            WasWokenFromOutside = true;
        }

        if (End is null && WasWokenFromOutside)
        {
            Finish(new HistoryAction { Kind = HistoryActionKind.Fail, Failure = FailureRecord.Of(NotDurable()) });
        }

        return _done;
    }

    private void Show(HistoryEvent seen)
    {
        switch (seen.Kind)
        {
            case HistoryEventKind.Started when _start is null:
                _start = seen;
                _main = InvokeAsync();
                break;
            case HistoryEventKind.EventRaised when seen.DeliveryId is null || _deliveries.Add(seen.DeliveryId):
                Raise(seen);
                break;
            case HistoryEventKind.TaskCompleted or HistoryEventKind.TimerFired or HistoryEventKind.EventSent when Take(seen) is { } task:
                task.Result.TrySetResult(seen.Payload);
                break;
            case HistoryEventKind.TaskFailed when Take(seen) is { } task:
                task.Result.TrySetException(new TaskFailedException(task.Action.Name ?? string.Empty, seen.TaskId, seen.Failure!));
                break;
            default:
                // A second completion, a cancelled timer, or a task of an earlier run: none of them concerns this run.
                break;
        }
    }

    private OpenTask? Take(HistoryEvent seen) =>
        (seen.ExecutionId is null || seen.ExecutionId == ExecutionId) && _open.Remove(seen.TaskId, out OpenTask? task) ? task : null;

    private void Raise(HistoryEvent raised)
    {
        int waiting = _eventWaiters.FindIndex(waiter => string.Equals(waiter.Name, raised.Name, StringComparison.OrdinalIgnoreCase));
        if (waiting < 0 || End is not null)
        {
            _unclaimedEvents.Add(raised);
            return;
        }

        TaskCompletionSource<string?> waiter = _eventWaiters[waiting].Result;
        _eventWaiters.RemoveAt(waiting);
        waiter.TrySetResult(raised.Payload);
    }

    private async Task<object?> InvokeAsync()
    {
        if (!_registry.TryGetOrchestrator(Name, out DurableTaskRegistry.Orchestrator? orchestrator))
        {
            throw new InvalidOperationException($"This host has no orchestrator named '{Name}'.");
        }

        object? result = await orchestrator.Run(new OrchestrationContext(this), _services);
        return Payload.Write(result, $"result of orchestrator '{Name}'");
    }

    private void NoteEnd()
    {
        if (End is not null || _main is not { IsCompleted: true } || WasWokenFromOutside)
        {
            return;
        }

        if (_main.Exception?.InnerException is { } failure)
        {
            Finish(new HistoryAction { Kind = HistoryActionKind.Fail, Failure = FailureRecord.Of(failure) });
        }
        else if (_main.IsCanceled)
        {
            Finish(new HistoryAction { Kind = HistoryActionKind.Fail, Failure = FailureRecord.Of(new TaskCanceledException(_main)) });
        }
        else
        {
            Finish(_continueAsNew ?? new HistoryAction { Kind = HistoryActionKind.Complete, Payload = (string?)_main.Result });
        }
    }

    private void Finish(HistoryAction end)
    {
        End = end;
        _done.Add(end);
        _eventWaiters.Clear();

        // Sent events are still owed; everything else has nobody left to tell.
        foreach (int taskId in _open.Where(task => task.Value.Action.Kind != HistoryActionKind.SendEvent).Select(task => task.Key).ToList())
        {
            _open.Remove(taskId);
        }
    }

    private void CancelWith(TaskCompletionSource<string?> source, Action forget, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
        {
            return;
        }

        cancellationToken.Register(() =>
        {
            if (!_thread.IsCurrent)
            {
                OnForeignAwait();
                return;
            }

            forget();
            source.TrySetCanceled(cancellationToken);
        });
    }

    private void OnForeignAwait()
    {
        WasWokenFromOutside = true;
        _onForeignAwait(this);
    }

    private Guid DeterministicGuid(string purpose, int number)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{InstanceId}\n{ExecutionId}\n{purpose}\n{number}");
        Span<byte> hash = SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16);

        // RFC 9562 version 8: an id made by an application's own hash.
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash, bigEndian: true);
    }

    private NonDeterministicOrchestrationException Diverged(int position, HistoryAction? then, HistoryAction? now) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"Orchestrator '{Name}' (instance '{InstanceId}') is not deterministic, or its code changed while the instance ran: in turn {_turns}, action {position + 1}, the history recorded '{then?.ToString() ?? "nothing"}' and the code did '{now?.ToString() ?? "nothing"}'. Orchestrators may use no clock, randomness, input or output of their own; a changed orchestrator needs a new name."));
}
