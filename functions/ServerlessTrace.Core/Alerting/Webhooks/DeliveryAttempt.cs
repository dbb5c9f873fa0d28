namespace ServerlessTrace.Core.Alerting.Webhooks;

/// <summary>An attempt to deliver a message, as it is logged.</summary>
/// <param name="At">When it began.</param>
/// <param name="LatencyMs">How long it took, in ms.</param>
/// <param name="Status">The HTTP status of the answer; null where none came.</param>
/// <param name="Excerpt">The answer's beginning as one line, inert; empty where none came.</param>
/// <param name="Error">What went wrong besides the status; null for nothing.</param>
public sealed record DeliveryAttempt(DateTimeOffset At, double LatencyMs, int? Status, string Excerpt, string? Error)
{
    /// <summary>HTTP's 410: the receiver wants nothing more.</summary>
    private const int Gone = 410;

    /// <summary>Whether the receiver took the message.</summary>
    public bool IsTaken => Status is >= 200 and < 300;

    /// <summary>Whether the receiver wants no more messages at all.</summary>
    public bool IsGone => Status == Gone;
}
