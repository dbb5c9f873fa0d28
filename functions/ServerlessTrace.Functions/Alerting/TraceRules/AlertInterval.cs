using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Functions.Alerting.TraceRules;

/// <summary>An interval in which a trace rule found more than it tells of one by one: the input of the orchestration that tells the rest.</summary>
/// <param name="Rule">The rule's id.</param>
/// <param name="FromUnixMs">Its beginning in ms since 1970 UTC.</param>
/// <param name="ToUnixMs">Its end.</param>
public sealed record AlertInterval(string Rule, long FromUnixMs, long ToUnixMs)
{
    /// <summary>The interval as a stretch of time.</summary>
    internal AlertWindow Window => new(DateTimeOffset.FromUnixTimeMilliseconds(FromUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(ToUnixMs));

    /// <summary>The interval of a length that a time is in.</summary>
    internal static AlertInterval Of(string rule, DateTimeOffset at, TimeSpan length)
    {
        long from = (at.UtcTicks - (at.UtcTicks % length.Ticks)) / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond;
        DateTimeOffset begin = new(from, TimeSpan.Zero);
        return new AlertInterval(rule, begin.ToUnixTimeMilliseconds(), (begin + length).ToUnixTimeMilliseconds());
    }
}
