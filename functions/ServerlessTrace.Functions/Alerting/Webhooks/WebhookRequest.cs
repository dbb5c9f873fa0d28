using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>A subscription as it is sent in. What is left out is the default, or, of the credentials, stays as it is.</summary>
/// <param name="Url">Where to.</param>
/// <param name="Format">The format's name.</param>
/// <param name="Description">What people call it.</param>
/// <param name="Enabled">Whether anything is sent.</param>
/// <param name="Filter">Which alerts.</param>
/// <param name="Secret">The signing secret; a new one where left out.</param>
/// <param name="RoutingKey">PagerDuty's routing key.</param>
internal sealed record WebhookRequest(
    string? Url, string? Format, string? Description, bool? Enabled, WebhookRequest.Alerts? Filter, string? Secret, string? RoutingKey)
{
    /// <summary>Which alerts: all where a list is empty or left out.</summary>
    internal sealed record Alerts(IReadOnlyList<string>? Rules, IReadOnlyList<AlertSeverity>? Severities, IReadOnlyList<string>? Services);
}
