namespace ServerlessTrace.LocalHost.Tests.Orchestrations;

/// <summary>The system's clock until it stalls: then no timer fires any more, as in a process that is starved or suspended.</summary>
internal sealed class StallableClock : TimeProvider
{
    private DateTimeOffset? _stalledAt;

    public void Stall() => _stalledAt = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => _stalledAt ?? System.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(
        seen =>
        {
            if (_stalledAt is null)
            {
                callback(seen);
            }
        },
        state,
        dueTime,
        period);
}
