using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>The input of a delivery's orchestration: keys and counts, never what is delivered.</summary>
/// <param name="SubscriptionId">The subscription.</param>
/// <param name="Key">The delivery's key.</param>
/// <param name="Turns">How many times in a row it was not its turn.</param>
/// <param name="DueUnixMs">When the next step is due, in ms since 1970 UTC; 0 for at once.</param>
public sealed record DeliveryKey(string SubscriptionId, string Key, int Turns = 0, long DueUnixMs = 0)
{
    /// <summary>The input for a delivery.</summary>
    internal static DeliveryKey Of(WebhookDelivery delivery) => new(delivery.Id.SubscriptionId, delivery.Id.Key);

    /// <summary>The id of the orchestration that delivers: one a delivery, and another one at each replay.</summary>
    internal static string InstanceOf(WebhookDelivery delivery) =>
        delivery.Replays == 0 ? $"webhook-{delivery.Id.Hash}" : $"webhook-{delivery.Id.Hash}-{delivery.Replays}";
}
