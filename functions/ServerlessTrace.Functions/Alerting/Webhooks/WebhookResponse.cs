using ServerlessTrace.Core.Alerting.Payloads;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>A subscription as answered: without its credentials, but for a secret that was just made.</summary>
internal sealed record WebhookResponse(
    string Id,
    string Url,
    string Format,
    string Description,
    bool Enabled,
    string? DisabledReason,
    WebhookFilter Filter,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? PreviousSecretUntil,
    string? Secret)
{
    public static WebhookResponse Of(WebhookSubscription subscription, bool showsSecret = false) => new(
        subscription.Id,
        subscription.ShownUrl,
        AlertPayload.NameOf(subscription.Format),
        subscription.Description,
        subscription.IsEnabled,
        subscription.DisabledReason,
        subscription.Filter,
        subscription.CreatedAt,
        subscription.UpdatedAt,
        subscription.PreviousSecret is null ? null : subscription.PreviousSecretUntil,
        showsSecret ? subscription.Secret.Reveal() : null);
}
