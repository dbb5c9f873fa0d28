namespace ServerlessTrace.LocalHost.Triggers.Queues;

/// <summary>Counts what runs, and tells when something ends.</summary>
internal sealed class InFlight
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _ended = New();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add(Task work)
    {
        Interlocked.Increment(ref _count);
        work.ContinueWith(static (_, self) => ((InFlight)self!).End(), this, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public Task WaitForAnyEndAsync(CancellationToken cancellationToken)
    {
        Task ended;
        lock (_gate)
        {
            ended = _ended.Task;
        }

        return Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken));
    }

    public async Task<bool> WaitForNoneAsync(TimeSpan limit)
    {
        using var tooLong = new CancellationTokenSource(limit);
        while (Count > 0)
        {
            if (tooLong.IsCancellationRequested)
            {
                return false;
            }

            await WaitForAnyEndAsync(tooLong.Token);
        }

        return true;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void End()
    {
        TaskCompletionSource ended;
        lock (_gate)
        {
            Interlocked.Decrement(ref _count);
            ended = _ended;
            _ended = New();
        }

        ended.SetResult();
    }
}
