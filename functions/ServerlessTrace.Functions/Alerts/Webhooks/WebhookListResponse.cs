namespace ServerlessTrace.Functions.Alerts.Webhooks;

/// <summary>All subscriptions.</summary>
internal sealed record WebhookListResponse(IReadOnlyList<WebhookResponse> Webhooks);
