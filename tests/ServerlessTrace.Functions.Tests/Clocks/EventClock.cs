using Microsoft.Extensions.Time.Testing;

namespace ServerlessTrace.Functions.Tests.Clocks;

/// <summary>A clock on which only waiting takes time: a wait makes the time pass at once, and what is to happen meanwhile happens.</summary>
internal sealed class EventClock(FakeTimeProvider clock) : TimeProvider
{
    private readonly PriorityQueue<Func<Task>, DateTimeOffset> _events = new();

    /// <summary>Has something happen at a time.</summary>
    public void At(DateTimeOffset time, Func<Task> happens) => _events.Enqueue(happens, time);

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    /// <summary>Makes the time pass.</summary>
    public async Task PassToAsync(DateTimeOffset time)
    {
        while (_events.TryPeek(out Func<Task>? happens, out DateTimeOffset at) && at <= time)
        {
            _events.Dequeue();
            PassTo(at);
            await happens();
        }

        PassTo(time);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        DateTimeOffset due = GetUtcNow() + dueTime;
        _ = Task.Run(async () =>
        {
            await PassToAsync(due);
            callback(state);
        });
        return new Waiting();
    }

    private void PassTo(DateTimeOffset time)
    {
        if (time > clock.GetUtcNow())
        {
            clock.SetUtcNow(time);
        }
    }

    private sealed class Waiting : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
