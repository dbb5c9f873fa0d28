namespace ServerlessTrace.LocalHost.Durable.Replay;

/// <summary>
/// Runs an orchestrator's continuations one after the other, in the order they became ready, on whichever thread takes the turn.
/// A continuation that arrives from elsewhere was woken by something the history does not know of, and is reported instead of run.
/// </summary>
internal sealed class OrchestratorThread : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly Action _onForeign;
    private readonly Scheduler _scheduler;
    private volatile int _threadId;

    public OrchestratorThread(Action onForeign)
    {
        _onForeign = onForeign;
        _scheduler = new Scheduler(this);
    }

    public bool IsCurrent => _threadId == Environment.CurrentManagedThreadId;

    /// <summary>Runs <paramref name="body"/> and everything it makes ready.</summary>
    public void Run(Action body)
    {
        SynchronizationContext? outer = Current;
        SetSynchronizationContext(this);
        _threadId = Environment.CurrentManagedThreadId;
        try
        {
            // Inside a task of its own scheduler, ContinueWith stays on this thread as await does.
            var turn = new Task(() =>
            {
                body();
                while (_ready.TryDequeue(out (SendOrPostCallback Callback, object? State) next))
                {
                    next.Callback(next.State);
                }
            });
            turn.RunSynchronously(_scheduler);
            turn.GetAwaiter().GetResult();
        }
        finally
        {
            _threadId = 0;
            SetSynchronizationContext(outer);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsCurrent)
        {
            _ready.Enqueue((d, state));
        }
        else
        {
            _onForeign();
        }
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("An orchestrator cannot be called into from outside.");

    public override SynchronizationContext CreateCopy() => this;

    private sealed class Scheduler(OrchestratorThread thread) : TaskScheduler
    {
        public override int MaximumConcurrencyLevel => 1;

        protected override IEnumerable<Task> GetScheduledTasks() => [];

        protected override void QueueTask(Task task) => thread.Post(_ => TryExecuteTask(task), null);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
            thread.IsCurrent && !taskWasPreviouslyQueued && TryExecuteTask(task);
    }
}
