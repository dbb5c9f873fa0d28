using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Payloads;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>A delivery as answered.</summary>
internal sealed record DeliveryResponse(
    string Id,
    string MessageId,
    string NotificationId,
    NotificationType Type,
    string AlertId,
    string Rule,
    string Format,
    DeliveryState State,
    string? Reason,
    DateTimeOffset CreatedAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? EndedAt,
    int AttemptCount,
    int Replays,
    IReadOnlyList<DeliveryAttempt> Attempts,
    DeliveryResponse.Sent? Request)
{
    public static DeliveryResponse Of(WebhookDelivery delivery, Sent? request = null) => new(
        delivery.Id.Key,
        delivery.Id.MessageId,
        delivery.NotificationId,
        delivery.Type,
        delivery.AlertId,
        delivery.Rule,
        AlertPayload.NameOf(delivery.Format),
        delivery.State,
        delivery.Reason,
        delivery.CreatedAt,
        delivery.NextAttemptAt,
        delivery.EndedAt,
        delivery.AttemptCount,
        delivery.Replays,
        delivery.Attempts,
        request);

    /// <summary>What is sent, at every attempt the same but for time and signature.</summary>
    internal sealed record Sent(string Url, string ContentType, string Body);
}
