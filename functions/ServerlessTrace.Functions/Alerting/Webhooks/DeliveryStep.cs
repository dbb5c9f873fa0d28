namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>What a delivery's orchestration does next.</summary>
/// <param name="WaitMs">Waits so many ms and comes again; null when there is nothing left to do.</param>
/// <param name="IsTurn">Whether it waits for its turn only, and nothing was sent.</param>
public sealed record DeliveryStep(long? WaitMs, bool IsTurn)
{
    /// <summary>There is nothing left to do.</summary>
    public static DeliveryStep Done { get; } = new(null, false);

    /// <summary>There is another attempt after a wait.</summary>
    public static DeliveryStep Retry(TimeSpan wait) => new((long)wait.TotalMilliseconds, false);

    /// <summary>It was not its turn.</summary>
    public static DeliveryStep Turn(TimeSpan wait) => new((long)wait.TotalMilliseconds, true);
}
