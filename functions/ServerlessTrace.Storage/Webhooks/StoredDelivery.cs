using Azure;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Storage.Webhooks;

/// <summary>A delivery as it was read.</summary>
/// <param name="Delivery">The delivery.</param>
/// <param name="RowVersion">Changes with every change of it.</param>
public sealed record StoredDelivery(WebhookDelivery Delivery, ETag RowVersion);
