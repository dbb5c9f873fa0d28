using Microsoft.Extensions.Time.Testing;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Timers;

/// <summary>A clock that a test can move on once somebody waits for it.</summary>
internal sealed class ArmedTimeProvider(DateTimeOffset start) : FakeTimeProvider(start)
{
    private int _waiting;

    public int Waiting => Volatile.Read(ref _waiting);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero)
        {
            Interlocked.Increment(ref _waiting);
        }

        return timer;
    }
}
