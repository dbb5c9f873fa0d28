using System.Diagnostics;
using Azure;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Core.Alerting.Evaluation;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Alerting.State;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Functions.Alerting.WindowRules;

/// <summary>
/// Evaluates series rules on a minute. A rule's new state is written together with what is to be logged and told because of it; that is done afterwards,
/// and ticked off. Whoever finds something that is not ticked off does it again: it is the same, and has the same ids.
/// </summary>
public sealed partial class SeriesEvaluation(
    RuleCache rules, StateStore states, SeriesReader series, Exemplars exemplars, AlertLog log, NotificationHandover handover, ILogger<SeriesEvaluation> logger)
{
    /// <summary>Evaluates rules; returns how many transitions they made.</summary>
    /// <param name="ids">The rules' ids; what is left of rules that are not on any more is ended.</param>
    /// <param name="end">The minute's end.</param>
    /// <param name="durable">Starts deliveries.</param>
    /// <param name="cancellationToken">Cancels between steps.</param>
    public async Task<int> EvaluateAsync(IReadOnlyCollection<string> ids, DateTimeOffset end, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        using Activity? span = ServiceTelemetry.StartEvaluate();
        ArgumentNullException.ThrowIfNull(ids);
        RuleSnapshot snapshot = await rules.ReadAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<string, SeriesRule> on = snapshot.OfSeries.Where(rule => ids.Contains(rule.Id)).ToDictionary(rule => rule.Id, StringComparer.Ordinal);
        IReadOnlyDictionary<string, SeriesGroups> measured = await series.ReadAsync(on.Values, end, cancellationToken).ConfigureAwait(false);
        IReadOnlyDictionary<string, (RuleState State, ETag ETag)> known = await states.ReadAsync(cancellationToken).ConfigureAwait(false);
        int transitions = 0;
        foreach (string id in ids)
        {
            (RuleState State, ETag? ETag) read = known.TryGetValue(id, out (RuleState State, ETag ETag) found) ? (found.State, found.ETag) : (RuleState.Empty(id), null);
            int? made;
            while ((made = await TryEvaluateAsync(id, read.State, read.ETag, on.GetValueOrDefault(id), snapshot, measured, end, durable, cancellationToken).ConfigureAwait(false)) is null)
            {
                // Acknowledged, or evaluated by another host, meanwhile.
                read = await states.ReadAsync(id, cancellationToken).ConfigureAwait(false);
            }

            transitions += made.Value;
        }

        return transitions;
    }

    /// <summary>Evaluates a rule; null where its state is not any more as it was read.</summary>
    private async Task<int?> TryEvaluateAsync(
        string id,
        RuleState state,
        ETag? version,
        SeriesRule? rule,
        RuleSnapshot snapshot,
        IReadOnlyDictionary<string, SeriesGroups> measured,
        DateTimeOffset end,
        DurableTaskClient durable,
        CancellationToken cancellationToken)
    {
        if (!state.IsDone)
        {
            if (await FinishAsync(state, version!.Value, durable, cancellationToken).ConfigureAwait(false) is not { } finished)
            {
                return null;
            }

            (state, version) = (state with { ToLog = [], ToTell = [] }, finished);
        }

        if (rule is null)
        {
            return await EndAsync(id, state, version, end, durable, cancellationToken).ConfigureAwait(false);
        }

        RuleOutcome outcome = RuleEvaluation.Evaluate(rule, state.Groups, measured[id], end);
        if (outcome.GroupsLeft > 0)
        {
            LogGroupsLeft(id, outcome.GroupsLeft, RuleEvaluation.MaxActiveGroups);
        }

        RuleState next = await DecideAsync(rule, snapshot, outcome, end, cancellationToken).ConfigureAwait(false);
        if (next.Groups.Count == 0 && state.Groups.Count == 0)
        {
            return 0;
        }

        if (await states.TryWriteAsync(next, version, cancellationToken).ConfigureAwait(false) is not { } written)
        {
            return null;
        }

        if (!next.IsDone)
        {
            await FinishAsync(next, written, durable, cancellationToken).ConfigureAwait(false);
        }

        return outcome.Transitions.Count;
    }

    /// <summary>Decides what is to be logged and told.</summary>
    private async Task<RuleState> DecideAsync(SeriesRule rule, RuleSnapshot snapshot, RuleOutcome outcome, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var decision = new NotificationDecision(rule, snapshot.Silences);
        var groups = new List<GroupState>();
        var toTell = new List<AlertNotification>();
        foreach (GroupState group in outcome.States)
        {
            (GroupState told, AlertNotification? notification) = decision.Decide(group, end);
            groups.Add(told);
            if (notification is not null)
            {
                IReadOnlyList<AlertTrace> traces = await exemplars.FindAsync(rule, notification.Alert, cancellationToken).ConfigureAwait(false);
                toTell.Add(notification with { Alert = notification.Alert with { Traces = traces } });
            }
        }

        var toLog = new List<LoggedTransition>();
        foreach (AlertTransition transition in outcome.Transitions)
        {
            GroupState? state = groups.Find(group => group.AlertId == transition.AlertId);
            toLog.Add(Logged(rule, snapshot, transition, state) with
            {
                Traces = toTell.Find(notification => notification.Alert.AlertId == transition.AlertId)?.Alert.Traces ?? [],
            });
        }

        return new RuleState(rule.Id, groups, toLog, toTell);
    }

    /// <summary>Ends what is left of a rule that is not on any more, and tells those who were told that it fires.</summary>
    private async Task<int?> EndAsync(
        string id, RuleState state, ETag? version, DateTimeOffset end, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        if (version is not { } read)
        {
            return 0;
        }

        RuleOutcome outcome = RuleEvaluation.End(id, state.Groups, end);
        if (outcome.Transitions.Count > 0)
        {
            AlertNotification?[] toTell = [.. outcome.States.Select(group => NotificationDecision.End(id, group))];
            var next = new RuleState(id, [], [.. outcome.Transitions.Select(Ended)], [.. toTell.OfType<AlertNotification>()]);
            if (await states.TryWriteAsync(next, read, cancellationToken).ConfigureAwait(false) is not { } written
                || await FinishAsync(next, written, durable, cancellationToken).ConfigureAwait(false) is not { } finished)
            {
                return null;
            }

            read = finished;
        }

        await states.DeleteAsync(id, read, cancellationToken).ConfigureAwait(false);
        return outcome.Transitions.Count;
    }

    /// <summary>Does what is to be done, and ticks it off; null where another host did.</summary>
    private async Task<ETag?> FinishAsync(RuleState state, ETag version, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        await log.WriteAsync(state.ToLog, cancellationToken).ConfigureAwait(false);
        foreach (AlertNotification notification in state.ToTell)
        {
            await handover.GiveAsync(durable, notification, cancellationToken).ConfigureAwait(false);
        }

        return await states.TryWriteAsync(state with { ToLog = [], ToTell = [] }, version, cancellationToken).ConfigureAwait(false);
    }

    private static LoggedTransition Logged(SeriesRule rule, RuleSnapshot snapshot, AlertTransition transition, GroupState? state) => new(
        transition.AlertId,
        rule.Id,
        rule.Severity,
        transition.Group,
        transition.From,
        transition.To,
        transition.At,
        Math.Round(transition.Verdict.Observed, 3),
        Math.Round(transition.Verdict.Threshold, 3),
        transition.Verdict.Unit,
        AlertSummary.Of(rule, transition.Group, transition.Verdict))
    {
        SilencedBy = state is { Phase: AlertPhase.Firing, ToldAt: null }
            ? snapshot.Silences.FirstOrDefault(silence => silence.Silences(rule, transition.Group, transition.At))?.Id
            : null,
    };

    private static LoggedTransition Ended(AlertTransition transition) => new(
        transition.AlertId,
        transition.Rule,
        AlertSeverity.Info,
        transition.Group,
        transition.From,
        transition.To,
        transition.At,
        Math.Round(transition.Verdict.Observed, 3),
        Math.Round(transition.Verdict.Threshold, 3),
        transition.Verdict.Unit,
        AlertSummary.OfEnded(transition.Rule, transition.Group));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Rule {Rule}: {Left} groups breach it beyond the {Max} that may be active at once; group by less, or match less")]
    private partial void LogGroupsLeft(string rule, int left, int max);
}
