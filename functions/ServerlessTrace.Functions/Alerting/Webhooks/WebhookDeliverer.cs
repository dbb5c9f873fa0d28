using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Payloads;
using ServerlessTrace.Core.Alerting.Webhooks;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>
/// Makes the attempts of a delivery and keeps its log. Between an attempt and its record the process may die: the message is sent again then, with
/// the same id, by which its receiver knows it.
/// </summary>
public sealed partial class WebhookDeliverer(
    SubscriptionStore subscriptions,
    DeliveryStore deliveries,
    SubscriptionTurns turns,
    WebhookSender sender,
    WebhookOptions options,
    TimeProvider clock,
    ILogger<WebhookDeliverer> log)
{
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMinutes(1);

    /// <summary>Does what is to be done of a delivery now: an attempt, or none.</summary>
    /// <param name="key">The delivery.</param>
    /// <param name="cancellationToken">Cancels: nothing is recorded then.</param>
    public async Task<DeliveryStep> StepAsync(DeliveryKey key, CancellationToken cancellationToken)
    {
        StoredDelivery? stored = await deliveries.FindAsync(new DeliveryId(key.SubscriptionId, key.Key), cancellationToken).ConfigureAwait(false);
        if (stored is not { Delivery: { State: DeliveryState.Pending } delivery })
        {
            return DeliveryStep.Done;
        }

        DateTimeOffset now = clock.GetUtcNow();
        if (delivery.NextAttemptAt is { } due && due > now)
        {
            // The attempt before was recorded, and the process died then.
            return DeliveryStep.Retry(due);
        }

        StoredSubscription? subscription = await subscriptions.FindAsync(key.SubscriptionId, cancellationToken).ConfigureAwait(false);
        if (subscription is not { Subscription: { IsEnabled: true } target })
        {
            await RecordAsync(stored, delivery.AsDead("The subscription is disabled or deleted.", now), cancellationToken).ConfigureAwait(false);
            return DeliveryStep.Done;
        }

        if (await MustWaitAsync(delivery, cancellationToken).ConfigureAwait(false) || turns.TryEnter(target.Id) is not { } turn)
        {
            return DeliveryStep.Turn(now + TurnWait(key));
        }

        try
        {
            return await AttemptAsync(stored, target, turn, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turns.Leave(turn);
        }
    }

    /// <summary>Makes an attempt at once, whoever else delivers to the subscription: somebody waits for the answer. It is not repeated.</summary>
    public async Task<WebhookDelivery> TryOnceAsync(WebhookDelivery delivery, AlertNotification notification, WebhookSubscription target, CancellationToken cancellationToken)
    {
        (DeliveryAttempt attempt, _) = await SendAsync(delivery, notification, target, cancellationToken).ConfigureAwait(false);
        WebhookDelivery tried = delivery.After(attempt);
        return attempt.IsTaken ? tried.AsDelivered(clock.GetUtcNow()) : tried.AsDead("It was a test, which is not repeated.", clock.GetUtcNow());
    }

    private async Task<bool> MustWaitAsync(WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        // What it follows was handed over before, and cannot be pending for longer than the day after which it is given up.
        return delivery.FollowsId is { } follows
            && await deliveries.IsPendingAsync(
                delivery.Id.SubscriptionId, follows, options.OldestPending(clock.GetUtcNow()), cancellationToken).ConfigureAwait(false);
    }

    private TimeSpan TurnWait(DeliveryKey key)
    {
        var turn = new RetrySchedule(options.TurnWait, LongestTurn, TimeSpan.FromDays(1));
        return turn.WaitAfter(key.Key, key.Turns + 1, TimeSpan.Zero, TimeSpan.Zero)!.Value;
    }

    private async Task<DeliveryStep> AttemptAsync(
        StoredDelivery stored, WebhookSubscription target, SubscriptionTurns.Turn turn, CancellationToken cancellationToken)
    {
        WebhookDelivery delivery = stored.Delivery;
        if (await deliveries.FindNotificationAsync(delivery.NotificationId, cancellationToken).ConfigureAwait(false) is not { } notification)
        {
            await RecordAsync(stored, delivery.AsDead("What was to be delivered is no longer stored.", clock.GetUtcNow()), cancellationToken).ConfigureAwait(false);
            return DeliveryStep.Done;
        }

        (DeliveryAttempt attempt, TimeSpan retryAfter) = await SendAsync(delivery, notification, target, cancellationToken).ConfigureAwait(false);
        turns.Note(turn, attempt.LatencyMs);
        DateTimeOffset now = clock.GetUtcNow();
        WebhookDelivery tried = delivery.After(attempt);
        if (attempt.IsTaken)
        {
            await RecordAsync(stored, tried.AsDelivered(now), cancellationToken).ConfigureAwait(false);
            return DeliveryStep.Done;
        }

        if (attempt.IsGone)
        {
            await subscriptions.DisableAsync(target.Id, "The receiver answered 410 Gone.", cancellationToken).ConfigureAwait(false);
            await RecordAsync(stored, tried.AsDead("The receiver answered 410 Gone.", now), cancellationToken).ConfigureAwait(false);
            LogGone(target);
            return DeliveryStep.Done;
        }

        if (options.Schedule.WaitAfter(delivery.Id.Hash, tried.AttemptCount, now - tried.FirstAttemptAt, retryAfter) is not { } wait)
        {
            await RecordAsync(stored, tried.AsDead(tried.AttemptCount == 1 ? "Given up after one attempt." : $"Given up after {tried.AttemptCount} attempts.", now), cancellationToken).ConfigureAwait(false);
            LogGivenUp(delivery.Id, tried.AttemptCount);
            return DeliveryStep.Done;
        }

        await RecordAsync(stored, tried with { NextAttemptAt = now + wait }, cancellationToken).ConfigureAwait(false);
        return DeliveryStep.Retry(now + wait);
    }

    private async Task<(DeliveryAttempt Attempt, TimeSpan RetryAfter)> SendAsync(
        WebhookDelivery delivery, AlertNotification notification, WebhookSubscription target, CancellationToken cancellationToken)
    {
        using Activity? span = ServiceTelemetry.StartDeliver(notification.Alert.Rule, notification.Alert.Traces.Select(trace => trace.TraceId));
        ReadOnlyMemory<byte> body = AlertPayload.Write(delivery.Format, notification, new PayloadEnvelope(delivery.Id.MessageId, target.RoutingKey));
        var message = new WebhookMessage(
            delivery.Id.MessageId, AlertPayload.ContentType(delivery.Format), body, [.. target.SecretsAt(clock.GetUtcNow())]);
        (DeliveryAttempt Attempt, TimeSpan RetryAfter) sent = await sender.SendAsync(target.Url, message, cancellationToken).ConfigureAwait(false);
        ServiceTelemetry.Delivered(span, sent.Attempt.IsTaken);
        return sent;
    }

    private async Task RecordAsync(StoredDelivery stored, WebhookDelivery changed, CancellationToken cancellationToken)
    {
        if (!await deliveries.TryReplaceAsync(changed, stored.RowVersion, cancellationToken).ConfigureAwait(false))
        {
            // Another host went on with it, or the subscription is gone: that one's record counts.
            LogOvertaken(changed.Id);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Subscription} is disabled: its receiver answered 410 Gone")]
    private partial void LogGone(WebhookSubscription subscription);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook delivery {Delivery} is given up after {Attempts} attempts")]
    private partial void LogGivenUp(DeliveryId delivery, int attempts);

    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook delivery {Delivery} was changed by somebody else meanwhile")]
    private partial void LogOvertaken(DeliveryId delivery);
}
