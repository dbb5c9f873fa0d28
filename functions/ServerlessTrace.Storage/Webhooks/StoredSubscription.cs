using Azure;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Storage.Webhooks;

/// <summary>A subscription as it was read.</summary>
/// <param name="Subscription">The subscription.</param>
/// <param name="RowVersion">Changes with every change of it.</param>
public sealed record StoredSubscription(WebhookSubscription Subscription, ETag RowVersion);
