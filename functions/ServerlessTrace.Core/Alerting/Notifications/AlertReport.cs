namespace ServerlessTrace.Core.Alerting.Notifications;

/// <summary>An alert as subscribers see it.</summary>
/// <param name="AlertId">The alert: one rule's on one group from firing to resolved. Letters, digits and hyphens, at most 64.</param>
/// <param name="Rule">The rule's id.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Summary">One line for people.</param>
public sealed record AlertReport(string AlertId, string Rule, AlertSeverity Severity, string Summary)
{
    /// <summary>The service it is about; null where it is about more than one.</summary>
    public string? Service { get; init; }

    /// <summary>The operation it is about; null where it is about more than one.</summary>
    public string? Operation { get; init; }

    /// <summary>The deployment environment it is about; null where it is about more than one, or none is known.</summary>
    public string? Environment { get; init; }

    /// <summary>The attributes that a rule groups by, with the group's values.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>What was looked at: the measured window, or the trace from start to end.</summary>
    public AlertWindow Window { get; init; }

    /// <summary>When it began to fire; null where that is not known: it was stored by an earlier version.</summary>
    public DateTimeOffset? FiredAt { get; init; }

    /// <summary>What was measured, in <see cref="Unit"/>.</summary>
    public double Observed { get; init; }

    /// <summary>What the rule allows, in <see cref="Unit"/>.</summary>
    public double Threshold { get; init; }

    /// <summary>The unit: <c>ms</c>, <c>%</c>, <c>1/s</c>, <c>x</c> (a factor), or <c>1</c> (a count).</summary>
    public string Unit { get; init; } = "ms";

    /// <summary>Traces that explain it, the worst first; at most ten.</summary>
    public IReadOnlyList<AlertTrace> Traces { get; init; } = [];
}
