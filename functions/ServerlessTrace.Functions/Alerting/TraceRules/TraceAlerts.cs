using System.Collections.Concurrent;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Alerting.Evaluation;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules.Traces;
using ServerlessTrace.Core.Alerting.Silences;
using ServerlessTrace.Core.Alerting.State;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Alerting.TraceRules;

/// <summary>
/// Raises the alerts of trace rules: once for a rule and trace. What was found is noted first and ticked off last; whoever dies in between leaves
/// the trace's chunks, so that the next one raises the same alert again, under the same id.
/// </summary>
public sealed class TraceAlerts(
    RuleCache rules, TraceAlertStore store, FiringServices firing, AlertLog log, NotificationHandover handover, TimeProvider clock)
{
    private const int InFlight = 8;

    /// <summary>The group of all that a rule tells of, whose size is limited.</summary>
    private const string Limited = "limit";

    /// <summary>The interval of each rule whose rest will be told: that need not be made sure of for every look at a shard.</summary>
    private readonly ConcurrentDictionary<string, AlertInterval> _resting = new(StringComparer.Ordinal);

    /// <summary>Who is to see traces as they are sealed.</summary>
    public ISealWatcher Watcher(DurableTaskClient durable) => new TraceRuleWatcher(rules, this, durable);

    /// <summary>Raises the alerts of what was found, unless that was done before.</summary>
    internal async Task RaiseAsync(IReadOnlyList<TraceMatch> found, IReadOnlyList<Silence> silences, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        IReadOnlyList<DateTimeOffset?> noted = await store.BeginAsync([.. found.Select(Key)], clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        var alerts = new List<TraceAlert>();
        for (int i = 0; i < found.Count; i++)
        {
            if (noted[i] is { } at)
            {
                alerts.Add(await NewAsync(found[i], at, silences, cancellationToken).ConfigureAwait(false));
            }
        }

        await GroupAsync(alerts, cancellationToken).ConfigureAwait(false);
        await LimitAsync(alerts, durable, cancellationToken).ConfigureAwait(false);
        await log.WriteAsync(alerts.Select(alert => alert.Transition), cancellationToken).ConfigureAwait(false);
        await Parallel.ForEachAsync(
            alerts.Where(alert => alert.Speaks),
            new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellationToken },
            async (alert, token) => await handover.GiveAsync(durable, alert.Notification(), token).ConfigureAwait(false)).ConfigureAwait(false);
        await store.EndAsync([.. alerts.Select(alert => Key(alert.Match))], cancellationToken).ConfigureAwait(false);
    }

    private async Task<TraceAlert> NewAsync(TraceMatch match, DateTimeOffset at, IReadOnlyList<Silence> silences, CancellationToken cancellationToken)
    {
        LoggedTransition transition = Transition(match, at) with
        {
            SilencedBy = silences.FirstOrDefault(silence => silence.Silences(match.Rule, match.Group, at))?.Id,
            InhibitedBy = await firing.InhibitorAsync(match.Rule, match.Group, cancellationToken).ConfigureAwait(false),
        };
        return new TraceAlert(match, transition);
    }

    /// <summary>Of each group that a rule wants to be told together, one alert an interval speaks.</summary>
    private async Task GroupAsync(List<TraceAlert> alerts, CancellationToken cancellationToken)
    {
        foreach (var group in alerts.Where(alert => alert.Speaks && alert.Match.Rule.Group is not null).GroupBy(alert =>
            (alert.Match.Rule.Id, alert.Match.Rule.Group!.Of(alert.Match.Group).Hash, Interval: alert.Transition.At.UtcTicks / alert.Match.Rule.Group.Interval.Ticks)).ToList())
        {
            IReadOnlyList<string> speakers = await store.SpeakersAsync(
                group.Key.Id, group.Key.Hash, group.Key.Interval, most: 1, [.. group.Select(alert => alert.Id)], cancellationToken).ConfigureAwait(false);
            foreach (TraceAlert alert in group.Where(alert => alert.Id != speakers[0]))
            {
                alert.Transition = alert.Transition with { GroupedInto = speakers[0] };
            }
        }
    }

    /// <summary>Of those that would be told, a rule's limit speaks in an interval; the rest is told when the interval is over.</summary>
    private async Task LimitAsync(List<TraceAlert> alerts, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        foreach (var ofRule in alerts.Where(alert => alert.Speaks).GroupBy(alert =>
            AlertInterval.Of(alert.Match.Rule.Id, alert.Transition.At, alert.Match.Rule.Limit.Interval)).ToList())
        {
            AlertInterval interval = ofRule.Key;
            TraceRule rule = ofRule.First().Match.Rule;
            IReadOnlyList<string> speakers = await store.SpeakersAsync(
                rule.Id, Limited, interval.FromUnixMs, rule.Limit.Notifications, [.. ofRule.Select(alert => alert.Id)], cancellationToken).ConfigureAwait(false);
            TraceAlert[] rest = [.. ofRule.ExceptBy(speakers, alert => alert.Id)];
            foreach (TraceAlert alert in rest)
            {
                alert.Transition = alert.Transition with { GroupedInto = AlertIds.OfRest(rule.Id, alert.Match.Group.Service, interval.Window.From) };
            }

            if (rest.Length > 0 && _resting.GetValueOrDefault(rule.Id) != interval)
            {
                await RestFunctions.StartAsync(durable, interval, cancellationToken).ConfigureAwait(false);
                _resting[rule.Id] = interval;
            }
        }
    }

    private static (string Rule, TraceId Trace) Key(TraceMatch match) => (match.Rule.Id, match.Trace);

    private static LoggedTransition Transition(TraceMatch match, DateTimeOffset at) => new(
        AlertIds.OfTrace(match.Rule.Id, match.Trace),
        match.Rule.Id,
        match.Rule.Severity,
        match.Group,
        AlertPhase.Inactive,
        AlertPhase.Firing,
        at,
        Math.Round(match.Finding.Observed, 3),
        match.Finding.Threshold,
        match.Finding.Unit,
        AlertSummary.Of(match.Rule, match.Finding))
    {
        Traces = [new AlertTrace(match.Trace.ToString(), match.DurationNano / 1e6)],
    };
}
