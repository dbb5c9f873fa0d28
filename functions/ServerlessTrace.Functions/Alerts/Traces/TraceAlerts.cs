using ServerlessTrace.Core.Alerting.Evaluation;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules.Traces;
using ServerlessTrace.Core.Alerting.Silences;
using ServerlessTrace.Core.Alerting.State;
using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Alerts.Traces;

/// <summary>
/// Raises the alerts of trace rules: once for a rule and trace. What was found is noted first and ticked off last; whoever dies in between leaves
/// the trace's chunks, so that the next one raises the same alert again, under the same id.
/// </summary>
public sealed class TraceAlerts(
    RuleCache rules, TraceAlertStore store, FiringServices firing, AlertLog log, NotificationHandover handover, TimeProvider clock)
{
    /// <summary>Who is to see traces as they are sealed.</summary>
    public ISealWatcher Watcher(DurableTaskClient durable) => new TraceRuleWatcher(rules, this, durable);

    /// <summary>Raises an alert, unless that was done for the trace before.</summary>
    internal async Task RaiseAsync(TraceMatch match, IReadOnlyList<Silence> silences, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        DateTimeOffset? noted = await store.BeginAsync(match.Rule.Id, match.Trace, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        if (noted is not { } at)
        {
            return;
        }

        string alert = AlertIds.OfTrace(match.Rule.Id, match.Trace);
        LoggedTransition transition = Transition(match, alert, at) with
        {
            SilencedBy = silences.FirstOrDefault(silence => silence.Silences(match.Rule, match.Group, at))?.Id,
            InhibitedBy = await firing.InhibitorAsync(match.Rule, match.Group, cancellationToken).ConfigureAwait(false),
        };
        if (transition is { SilencedBy: null, InhibitedBy: null } && match.Rule.Group is { } grouping)
        {
            string speaker = await SpeakerAsync(match, grouping, alert, at, cancellationToken).ConfigureAwait(false);
            transition = transition with { GroupedInto = speaker == alert ? null : speaker };
        }

        await log.WriteAsync([transition], cancellationToken).ConfigureAwait(false);
        if (transition is { SilencedBy: null, InhibitedBy: null, GroupedInto: null })
        {
            await handover.GiveAsync(durable, Notification(match, transition), cancellationToken).ConfigureAwait(false);
        }

        await store.EndAsync(match.Rule.Id, match.Trace, cancellationToken).ConfigureAwait(false);
    }

    private Task<string> SpeakerAsync(TraceMatch match, TraceGrouping grouping, string alert, DateTimeOffset at, CancellationToken cancellationToken) =>
        store.SpeakerAsync(match.Rule.Id, grouping.Of(match.Group).Hash, at.UtcTicks / grouping.Interval.Ticks, alert, cancellationToken);

    private static LoggedTransition Transition(TraceMatch match, string alert, DateTimeOffset at) => new(
        alert,
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

    private static AlertNotification Notification(TraceMatch match, LoggedTransition transition)
    {
        DateTimeOffset start = DateTimeOffset.UnixEpoch.AddTicks(match.StartUnixNano / 100);
        var report = new AlertReport(transition.AlertId, transition.Rule, transition.Severity, transition.Summary)
        {
            Service = match.Group.Service,
            Operation = match.Group.Operation,
            Environment = match.Group.Environment,
            Window = new AlertWindow(start, start.AddTicks(match.DurationNano / 100)),
            Observed = transition.Observed,
            Threshold = transition.Threshold,
            Unit = transition.Unit,
            Traces = transition.Traces,
        };
        return new AlertNotification(AlertIds.Firing(transition.AlertId, 1), NotificationType.Firing, transition.At, report);
    }
}
