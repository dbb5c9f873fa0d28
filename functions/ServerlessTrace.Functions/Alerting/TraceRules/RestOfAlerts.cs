using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Alerting.Evaluation;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.State;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Functions.Alerting.TraceRules;

/// <summary>
/// Tells of all traces together that a trace rule found in an interval beyond its limit: one notification a service, so that it reaches who asks for that
/// service. What is repeated after a crash has the same ids.
/// </summary>
public sealed class RestOfAlerts(AlertLog log, NotificationHandover handover)
{
    /// <summary>Services that are told of, those with most traces; what more there is, is listed.</summary>
    private const int MostServices = 20;

    private const int MostTraces = 5;

    /// <summary>Tells the rest of an interval; returns how many traces that are.</summary>
    public async Task<int> TellAsync(AlertInterval interval, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(interval);
        var services = new Dictionary<string, Rest>(StringComparer.Ordinal);
        await foreach (LoggedTransition transition in log.ReadRangeAsync(interval.Window.From, interval.Window.To, cancellationToken).ConfigureAwait(false))
        {
            if (transition.Rule == interval.Rule && transition.GroupedInto is { } speaker && speaker == AlertIds.OfRest(interval.Rule, transition.Group.Service, interval.Window.From))
            {
                services[speaker] = services.GetValueOrDefault(speaker, Rest.None).With(transition);
            }
        }

        foreach ((string alert, Rest rest) in services.OrderByDescending(service => service.Value.Count).ThenBy(service => service.Key, StringComparer.Ordinal).Take(MostServices))
        {
            LoggedTransition transition = Transition(alert, rest, interval);
            await log.WriteAsync([transition], cancellationToken).ConfigureAwait(false);
            await handover.GiveAsync(durable, Notification(transition, interval), cancellationToken).ConfigureAwait(false);
        }

        return services.Values.Sum(rest => rest.Count);
    }

    private static LoggedTransition Transition(string alert, Rest rest, AlertInterval interval)
    {
        LoggedTransition worst = rest.Worst[0];
        return worst with
        {
            AlertId = alert,
            Group = new GroupKey { Service = worst.Group.Service },
            At = interval.Window.To,
            Observed = rest.Count,
            Threshold = 0,
            Unit = "1",
            Summary = AlertSummary.OfRest(worst.Group.Service, rest.Count, interval.Window, worst.Traces[0].DurationMs),
            Traces = [.. rest.Worst.SelectMany(transition => transition.Traces)],
            GroupedInto = null,
            Count = rest.Count,
        };
    }

    private static AlertNotification Notification(LoggedTransition transition, AlertInterval interval)
    {
        var report = new AlertReport(transition.AlertId, transition.Rule, transition.Severity, transition.Summary)
        {
            Service = transition.Group.Service,
            Window = interval.Window,
            Observed = transition.Observed,
            Threshold = transition.Threshold,
            Unit = transition.Unit,
            Traces = transition.Traces,
        };
        return new AlertNotification(AlertIds.Firing(transition.AlertId, 1), NotificationType.Firing, transition.At, report);
    }

    /// <summary>How many there are, and the worst of them: those that took longest.</summary>
    private sealed record Rest(int Count, IReadOnlyList<LoggedTransition> Worst)
    {
        public static Rest None { get; } = new(0, []);

        public Rest With(LoggedTransition transition) => new(
            Count + 1,
            [.. Worst.Append(transition).OrderByDescending(one => one.Traces[0].DurationMs).ThenBy(one => one.AlertId, StringComparer.Ordinal).Take(MostTraces)]);
    }
}
