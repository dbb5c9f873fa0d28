using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Alerting.Silences;
using ServerlessTrace.Core.Alerting.State;

namespace ServerlessTrace.Core.Alerting.Evaluation;

/// <summary>
/// Decides what subscribers are told of a group: that it fires, once it is not silenced; that it still fires, after the repeat interval, unless
/// somebody acknowledged it; that it is resolved, if they were told that it fires.
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
        return state.Phase switch
        {
            AlertPhase.Firing when IsDue(state, end) && !IsSilenced(state, end) => TellFiring(state, end),
            AlertPhase.Resolved when state.ToldAt is not null => TellResolved(state),
            _ => (state, null),
        };
    }

    private bool IsDue(GroupState state, DateTimeOffset end) =>
        state.ToldAt is not { } told || (state.Acknowledged is null && end - told >= rule.RepeatInterval);

    private bool IsSilenced(GroupState state, DateTimeOffset end) => silences.Any(silence => silence.Silences(rule, state.Group, end));

    private (GroupState State, AlertNotification? Notification) TellFiring(GroupState state, DateTimeOffset end)
    {
        string? last = state.Told == 0 ? null : AlertIds.Firing(state.AlertId!, state.Told);
        GroupState told = state with { ToldAt = end, Told = state.Told + 1 };
        return (told, new AlertNotification(AlertIds.Firing(state.AlertId!, told.Told), NotificationType.Firing, end, Report(state, end), last));
    }

    private (GroupState State, AlertNotification? Notification) TellResolved(GroupState state)
    {
        string last = AlertIds.Firing(state.AlertId!, state.Told);
        return (state with { ToldAt = null },
            new AlertNotification(AlertIds.Resolved(state.AlertId!), NotificationType.Resolved, state.Since, Report(state, state.Since), last));
    }

    private AlertReport Report(GroupState state, DateTimeOffset end) =>
        new(state.AlertId!, rule.Id, rule.Severity, AlertSummary.Of(rule, state.Group, state.Last))
        {
            Service = NullIfEmpty(state.Group.Service),
            Operation = NullIfEmpty(state.Group.Operation),
            Environment = NullIfEmpty(state.Group.Environment),
            Attributes = state.Group.Attributes,
            Window = rule.WindowsAt(end)[0],
            Observed = Math.Round(state.Last.Observed, 3),
            Threshold = Math.Round(state.Last.Threshold, 3),
            Unit = state.Last.Unit,
        };

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
