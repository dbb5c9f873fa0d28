using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Alerting.Silences;
using ServerlessTrace.Core.Alerting.State;

namespace ServerlessTrace.Core.Alerting.Evaluation;

/// <summary>
/// Decides what subscribers are told of a group: that it fires, once it is not silenced; that it still fires, after the repeat interval, unless
/// somebody acknowledged it; that it is resolved, if they were told that it fires, with the severity that they were told.
/// </summary>
public sealed class NotificationDecision(SeriesRule rule, IReadOnlyCollection<Silence> silences)
{
    /// <summary>Decides.</summary>
    /// <param name="state">Where the group stands.</param>
    /// <param name="end">The end of the window that was judged.</param>
    /// <returns>The state that remembers what was told, and the notification; null for none.</returns>
    public (GroupState State, AlertNotification? Notification) Decide(GroupState state, DateTimeOffset end)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.EvaluatedTo > end)
        {
            // A late window: what is to be told was decided with the newer one.
            return (state, null);
        }

        return state.Phase switch
        {
            AlertPhase.Firing when IsDue(state, end) && !IsSilenced(state, end) => TellFiring(state, end),
            AlertPhase.Resolved when state.ToldAt is not null => TellResolved(state),
            _ => (state, null),
        };
    }

    /// <summary>What subscribers are told of a group whose rule is evaluated no more; null where they were not told that it fires.</summary>
    /// <param name="ruleId">The rule's id.</param>
    /// <param name="state">Where the group stands since then.</param>
    public static AlertNotification? End(string ruleId, GroupState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state is { Phase: AlertPhase.Resolved, ToldAt: not null }
            ? Resolved(state, Report(ruleId, AlertSummary.OfEnded(ruleId, state.Group), state.ToldSeverity ?? AlertSeverity.Warning, state, new AlertWindow(state.FiredAt ?? state.Since, state.Since)))
            : null;
    }

    private bool IsDue(GroupState state, DateTimeOffset end) =>
        state.Acknowledged is null && (state.ToldAt is not { } told || end - told >= rule.RepeatInterval);

    private bool IsSilenced(GroupState state, DateTimeOffset end) => silences.Any(silence => silence.Silences(rule, state.Group, end));

    private (GroupState State, AlertNotification? Notification) TellFiring(GroupState state, DateTimeOffset end)
    {
        string? last = state.Told == 0 ? null : AlertIds.Firing(state.AlertId!, state.Told);
        GroupState told = state with { ToldAt = end, Told = state.Told + 1, ToldSeverity = rule.Severity };
        return (told, new AlertNotification(AlertIds.Firing(state.AlertId!, told.Told), NotificationType.Firing, end, Report(state, rule.Severity, end), last));
    }

    private (GroupState State, AlertNotification? Notification) TellResolved(GroupState state) =>
        (state with { ToldAt = null }, Resolved(state, Report(state, state.ToldSeverity ?? rule.Severity, state.Since)));

    private static AlertNotification Resolved(GroupState state, AlertReport report) =>
        new(AlertIds.Resolved(state.AlertId!), NotificationType.Resolved, state.Since, report, AlertIds.Firing(state.AlertId!, state.Told));

    private AlertReport Report(GroupState state, AlertSeverity severity, DateTimeOffset end) =>
        Report(rule.Id, AlertSummary.Of(rule, state.Group, state.Last), severity, state, rule.WindowsAt(end)[0]);

    private static AlertReport Report(string ruleId, string summary, AlertSeverity severity, GroupState state, AlertWindow window) =>
        new(state.AlertId!, ruleId, severity, summary)
        {
            Service = NullIfEmpty(state.Group.Service),
            Operation = NullIfEmpty(state.Group.Operation),
            Environment = NullIfEmpty(state.Group.Environment),
            Attributes = state.Group.Attributes,
            Window = window,
            FiredAt = state.FiredAt,
            Observed = Math.Round(state.Last.Observed, 3),
            Threshold = Math.Round(state.Last.Threshold, 3),
            Unit = state.Last.Unit,
        };

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
