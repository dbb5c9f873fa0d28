using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.State;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Functions.Alerting.TraceRules;

/// <summary>The alert of a trace rule on a trace while it is raised.</summary>
/// <param name="match">What the rule found.</param>
/// <param name="transition">What is listed of it.</param>
internal sealed class TraceAlert(TraceMatch match, LoggedTransition transition)
{
    public TraceMatch Match => match;

    /// <summary>What is listed of it.</summary>
    public LoggedTransition Transition { get; set; } = transition;

    public string Id => Transition.AlertId;

    /// <summary>Whether it is told.</summary>
    public bool Speaks => Transition is { SilencedBy: null, InhibitedBy: null, GroupedInto: null };

    /// <summary>What subscribers are told.</summary>
    public AlertNotification Notification()
    {
        DateTimeOffset start = UnixNano.ToTime(match.StartUnixNano);
        var report = new AlertReport(Id, Transition.Rule, Transition.Severity, Transition.Summary)
        {
            Service = match.Group.Service,
            Operation = match.Group.Operation,
            Environment = match.Group.Environment,
            Window = new AlertWindow(start, start.AddTicks(match.DurationNano / 100)),
            FiredAt = Transition.At,
            Observed = Transition.Observed,
            Threshold = Transition.Threshold,
            Unit = Transition.Unit,
            Traces = Transition.Traces,
        };
        return new AlertNotification(AlertIds.Firing(Id, 1), NotificationType.Firing, Transition.At, report);
    }
}
