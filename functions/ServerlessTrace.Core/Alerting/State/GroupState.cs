using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Windows;

namespace ServerlessTrace.Core.Alerting.State;

/// <summary>The state of one group of a rule.</summary>
/// <param name="Group">The group.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Since">Since when: the end of the window that brought it there.</param>
/// <param name="EvaluatedTo">The end of the newest window that was judged; older ones change nothing any more.</param>
/// <param name="Last">What was said of it last.</param>
public sealed record GroupState(GroupKey Group, AlertPhase Phase, DateTimeOffset Since, DateTimeOffset EvaluatedTo, Verdict Last)
{
    /// <summary>The alert: from pending over firing to resolved; null while inactive.</summary>
    public string? AlertId { get; init; }

    /// <summary>Since when a firing alert's windows have been well; null while they are not.</summary>
    public DateTimeOffset? WellSince { get; init; }

    /// <summary>When it began to fire: the end of the window that decided it; null before.</summary>
    public DateTimeOffset? FiredAt { get; init; }

    /// <summary>When subscribers were told last that it fires; null where they were not.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>How often subscribers were told that it fires.</summary>
    public int Told { get; init; }

    /// <summary>How bad subscribers were told last that it is, so that those who heard that it fires hear that it is over, whatever the rule says by then.</summary>
    public AlertSeverity? ToldSeverity { get; init; }

    /// <summary>Who knows of it, so that it is not told of again while it fires; null for nobody.</summary>
    public Acknowledgement? Acknowledged { get; init; }

    /// <summary>The state of a group of which nothing is known.</summary>
    public static GroupState Initial(GroupKey group) => new(group, AlertPhase.Inactive, default, default, default);

    /// <summary>Whether the state differs from that of a group never heard of.</summary>
    public bool IsActive => Phase is AlertPhase.Pending or AlertPhase.Firing;
}
