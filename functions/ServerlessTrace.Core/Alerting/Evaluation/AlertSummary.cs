using System.Globalization;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Traces;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Core.Alerting.Evaluation;

/// <summary>Alerts in one line for people.</summary>
public static class AlertSummary
{
    /// <summary>A group's alert: <c>payment-service: p95 is 812ms, above 500ms</c>.</summary>
    public static string Of(SeriesRule rule, GroupKey group, Verdict last)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(group);
        string name = group.ToString();
        string how = last.Outcome switch
        {
            Outcome.Unknown => "has too few samples",
            Outcome.Breached => $"is {Amount(last.Observed, last.Unit)}, {(last.Observed > last.Threshold ? "above" : "below")} {Amount(last.Threshold, last.Unit)}",
            _ => $"is {Amount(last.Observed, last.Unit)}, within {Amount(last.Threshold, last.Unit)}",
        };
        return $"{(name.Length == 0 ? rule.Id : name)}: {last.What} {how}{Description(rule)}";
    }

    /// <summary>The end of a group's alert whose rule was deleted, disabled, or is of another kind now.</summary>
    public static string OfEnded(string rule, GroupKey group)
    {
        ArgumentNullException.ThrowIfNull(group);
        string name = group.ToString();
        return name.Length == 0 ? $"{rule} was turned off" : $"{name}: {rule} was turned off";
    }

    /// <summary>A trace's alert: <c>payment-service process_payment took 2.314s</c>.</summary>
    public static string Of(TraceRule rule, TraceFinding finding)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(finding);
        return $"{finding.Service} {finding.Operation} {finding.What}{Description(rule)}";
    }

    /// <summary>Traces that a rule did not tell of one by one: <c>payment-service: 1,234 more traces from 18:00:00 to 18:05:00 UTC, the slowest took 2.3s</c>.</summary>
    /// <param name="service">The service of all of them; null for none.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="interval">When they were sealed.</param>
    /// <param name="slowestMs">How long the slowest took, in ms.</param>
    public static string OfRest(string? service, int count, AlertWindow interval, double slowestMs) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(string.IsNullOrEmpty(service) ? string.Empty : service + ": ")}{count:N0} more {(count == 1 ? "trace" : "traces")} from {interval.From.UtcDateTime:HH:mm:ss} to {interval.To.UtcDateTime:HH:mm:ss} UTC, the slowest took {DurationText.Of((long)(slowestMs * 1e6))}");

    private static string Description(AlertRule rule) => rule.Description is { Length: > 0 } description ? $" ({description})" : string.Empty;

    private static string Amount(double value, string unit) => unit == "ms"
        ? DurationText.Of((long)(value * 1e6))
        : string.Create(CultureInfo.InvariantCulture, $"{value:0.##}{(unit == "1/s" ? "/s" : unit)}");
}
