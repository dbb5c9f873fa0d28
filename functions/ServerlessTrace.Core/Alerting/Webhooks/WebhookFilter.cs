using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Core.Alerting.Webhooks;

/// <summary>Which alerts a subscription is about: those that are in every list that is not empty.</summary>
public sealed record WebhookFilter
{
    /// <summary>All alerts.</summary>
    public static WebhookFilter All { get; } = new();

    /// <summary>Ids of rules; all where empty.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Severities; all where empty.</summary>
    public IReadOnlyList<AlertSeverity> Severities { get; init; } = [];

    /// <summary>Services; all where empty. An alert about more than one service is in no list of them.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Whether an alert is wanted.</summary>
    public bool Matches(AlertReport alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return (Rules.Count == 0 || Rules.Contains(alert.Rule, StringComparer.Ordinal))
            && (Severities.Count == 0 || Severities.Contains(alert.Severity))
            && (Services.Count == 0 || (alert.Service is { } service && Services.Contains(service, StringComparer.Ordinal)));
    }
}
