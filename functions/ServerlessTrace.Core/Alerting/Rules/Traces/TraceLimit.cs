namespace ServerlessTrace.Core.Alerting.Rules.Traces;

/// <summary>
/// How many traces a rule tells of one by one in an interval, so that a rule that suddenly matches everything buries nobody. The others are listed, and told of
/// together when the interval is over.
/// </summary>
public sealed record TraceLimit
{
    /// <summary>Notifications that are sent in an interval.</summary>
    public int Notifications { get; init; } = 20;

    /// <summary>The interval.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(5);

    internal IEnumerable<string> FindProblems()
    {
        if (Notifications is < 1 or > 1_000)
        {
            yield return "'limit.notifications' must be from 1 to 1000.";
        }

        if (Interval < TimeSpan.FromSeconds(1) || Interval > TimeSpan.FromDays(1))
        {
            yield return "'limit.interval' must be from 1s to 1d.";
        }
    }
}
