using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.State;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>What happened to an alert, as it is listed.</summary>
/// <param name="AlertId">The alert.</param>
/// <param name="Rule">The rule's id.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Group">What it is about.</param>
/// <param name="From">Where it stood.</param>
/// <param name="To">Where it stands since then.</param>
/// <param name="At">When: the end of the window that was judged, or when the trace was sealed.</param>
/// <param name="Observed">What was measured, in <paramref name="Unit"/>.</param>
/// <param name="Threshold">What is allowed, in <paramref name="Unit"/>.</param>
/// <param name="Unit">As in <see cref="AlertReport.Unit"/>.</param>
/// <param name="Summary">One line for people.</param>
public sealed record LoggedTransition(
    string AlertId,
    string Rule,
    AlertSeverity Severity,
    GroupKey Group,
    AlertPhase From,
    AlertPhase To,
    DateTimeOffset At,
    double Observed,
    double Threshold,
    string Unit,
    string Summary)
{
    /// <summary>Traces that explain it.</summary>
    public IReadOnlyList<AlertTrace> Traces { get; init; } = [];

    /// <summary>The silence that keeps it from being told of; null for none.</summary>
    public string? SilencedBy { get; init; }

    /// <summary>The firing rule on the same service that keeps it from being told of; null for none.</summary>
    public string? InhibitedBy { get; init; }

    /// <summary>The alert that speaks for it; null where it speaks for itself.</summary>
    public string? GroupedInto { get; init; }

    /// <summary>For how many alerts that were not told of one by one it speaks; null where it is about itself.</summary>
    public int? Count { get; init; }
}
