namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>What a delivery's orchestration does next.</summary>
/// <param name="DueUnixMs">When the next step is due, in ms since 1970 UTC; null when there is none.</param>
/// <param name="IsTurn">Whether it waits for its turn only, and nothing was sent.</param>
public sealed record DeliveryStep(long? DueUnixMs, bool IsTurn)
{
    /// <summary>There is no next step.</summary>
    public static DeliveryStep Done { get; } = new(null, false);

    /// <summary>There is another attempt, at a time. A fraction of a ms counts as a whole one: no attempt begins before a receiver's <c>Retry-After</c> has passed.</summary>
    public static DeliveryStep Retry(DateTimeOffset due) => new(UnixMs(due), false);

    /// <summary>It was not its turn.</summary>
    public static DeliveryStep Turn(DateTimeOffset due) => new(UnixMs(due), true);

    private static long UnixMs(DateTimeOffset time) => (time + TimeSpan.FromTicks(TimeSpan.TicksPerMillisecond - 1)).ToUnixTimeMilliseconds();
}
