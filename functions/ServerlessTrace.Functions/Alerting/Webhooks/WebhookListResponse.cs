namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>All subscriptions.</summary>
internal sealed record WebhookListResponse(IReadOnlyList<WebhookResponse> Webhooks);
