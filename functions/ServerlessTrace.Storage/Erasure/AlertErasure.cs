using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.State;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Storage.Erasure;

/// <summary>
/// Erases traces from alerts: as examples from those of series, which stay; and all but rule, service and times from those of one trace. Where a value is erased,
/// groups that are made by it lose it.
/// </summary>
internal sealed class AlertErasure(ErasureTarget target, IReadOnlySet<TraceId> traces)
{
    private const string Erased = "[erased]";
    private const string ErasedSummary = "What this alert was about was erased.";

    /// <summary>A transition without what is erased; null where it has none of it.</summary>
    public LoggedTransition? Erase(LoggedTransition transition)
    {
        bool isGroup = HasValue(transition.Group.Attributes);
        if (!isGroup && !HasAny(transition.Traces))
        {
            return null;
        }

        return transition with
        {
            Traces = Without(transition.Traces),
            Group = transition.Group with { Attributes = Without(transition.Group.Attributes) },
            Summary = isGroup || IsOfTrace(transition.Rule, transition.AlertId, transition.Traces) ? ErasedSummary : transition.Summary,
        };
    }

    /// <summary>A notification without what is erased; null where it has none of it.</summary>
    public AlertNotification? Erase(AlertNotification notification)
    {
        AlertReport alert = notification.Alert;
        bool isGroup = HasValue(alert.Attributes);
        if (!isGroup && !HasAny(alert.Traces))
        {
            return null;
        }

        return notification with
        {
            Alert = alert with
            {
                Traces = Without(alert.Traces),
                Attributes = Without(alert.Attributes),
                Summary = isGroup || IsOfTrace(alert.Rule, alert.AlertId, alert.Traces) ? ErasedSummary : alert.Summary,
            },
        };
    }

    /// <summary>A rule's state without what is erased; null where it has none of it. A group that is made by an erased value is forgotten.</summary>
    public RuleState? Erase(RuleState state)
    {
        GroupState[] groups = [.. state.Groups.Where(group => !HasValue(group.Group.Attributes))];
        LoggedTransition[] toLog = [.. state.ToLog.Select(transition => Erase(transition) ?? transition)];
        AlertNotification[] toTell = [.. state.ToTell.Select(notification => Erase(notification) ?? notification)];
        return groups.Length == state.Groups.Count && toLog.SequenceEqual(state.ToLog) && toTell.SequenceEqual(state.ToTell)
            ? null
            : state with { Groups = groups, ToLog = toLog, ToTell = toTell };
    }

    private bool HasAny(IReadOnlyList<AlertTrace> examples) => examples.Any(IsErased);

    private bool IsErased(AlertTrace example) => TraceId.TryParse(example.TraceId.AsSpan(), out TraceId trace) && traces.Contains(trace);

    private AlertTrace[] Without(IReadOnlyList<AlertTrace> examples) => [.. examples.Where(example => !IsErased(example))];

    private bool HasValue(IReadOnlyDictionary<string, string> attributes) => attributes.Any(attribute => target.IsValue(attribute.Key, attribute.Value));

    private Dictionary<string, string> Without(IReadOnlyDictionary<string, string> attributes) =>
        attributes.ToDictionary(attribute => attribute.Key, attribute => target.IsValue(attribute.Key, attribute.Value) ? Erased : attribute.Value);

    /// <summary>Whether an alert is that of a trace rule on one of these traces.</summary>
    private bool IsOfTrace(string rule, string alert, IReadOnlyList<AlertTrace> examples) => examples.Where(IsErased).Any(example =>
        TraceId.TryParse(example.TraceId.AsSpan(), out TraceId trace) && AlertIds.OfTrace(rule, trace) == alert);
}
