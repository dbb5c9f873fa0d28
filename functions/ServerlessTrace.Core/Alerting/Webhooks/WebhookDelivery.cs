using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Payloads;

namespace ServerlessTrace.Core.Alerting.Webhooks;

/// <summary>The delivery of one notification to one subscription, with its log.</summary>
/// <param name="Id">What it is.</param>
/// <param name="NotificationId">The notification.</param>
/// <param name="Type">What the notification says.</param>
/// <param name="AlertId">The alert.</param>
/// <param name="Rule">The alert's rule.</param>
public sealed record WebhookDelivery(DeliveryId Id, string NotificationId, NotificationType Type, string AlertId, string Rule)
{
    /// <summary>Attempts that are kept, the latest ones: a day of them and some replays.</summary>
    public const int AttemptsKept = 40;

    /// <summary>How the notification is written. Fixed at first, so that all attempts send the same.</summary>
    public PayloadFormat Format { get; init; }

    /// <summary>The notification that must reach the receiver before; null for none.</summary>
    public string? FollowsId { get; init; }

    /// <summary>When the notification was taken over.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>How far it has come.</summary>
    public DeliveryState State { get; init; }

    /// <summary>Why it is dead; null where it is not.</summary>
    public string? Reason { get; init; }

    /// <summary>When it is tried next; null before the first attempt and after the last.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When it ended; null while pending.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Attempts since the delivery, or its last replay, began.</summary>
    public int AttemptCount { get; init; }

    /// <summary>When the first of them began; the default before it.</summary>
    public DateTimeOffset FirstAttemptAt { get; init; }

    /// <summary>How many times it was replayed.</summary>
    public int Replays { get; init; }

    /// <summary>The latest attempts, the oldest first.</summary>
    public IReadOnlyList<DeliveryAttempt> Attempts { get; init; } = [];

    /// <summary>With one more attempt.</summary>
    public WebhookDelivery After(DeliveryAttempt attempt) => this with
    {
        FirstAttemptAt = AttemptCount == 0 ? attempt.At : FirstAttemptAt,
        AttemptCount = AttemptCount + 1,
        Attempts = [.. Attempts.TakeLast(AttemptsKept - 1), attempt],
    };

    /// <summary>Delivered.</summary>
    public WebhookDelivery AsDelivered(DateTimeOffset at) => this with { State = DeliveryState.Delivered, EndedAt = at, NextAttemptAt = null, Reason = null };

    /// <summary>Given up.</summary>
    public WebhookDelivery AsDead(string reason, DateTimeOffset at) => this with { State = DeliveryState.Dead, EndedAt = at, NextAttemptAt = null, Reason = reason };

    /// <summary>To be delivered once more, as if for the first time, with the same <c>webhook-id</c>.</summary>
    public WebhookDelivery AsReplayed() => this with
    {
        State = DeliveryState.Pending,
        EndedAt = null,
        NextAttemptAt = null,
        Reason = null,
        AttemptCount = 0,
        Replays = Replays + 1,
    };
}
