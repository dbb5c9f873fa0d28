using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Payloads;
using ServerlessTrace.Core.Alerting.Webhooks;
using ServerlessTrace.Functions.Orchestrations;
using ServerlessTrace.Storage.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>
/// Takes notifications over for the subscriptions that want them: first stored, then an orchestration each. Whatever is stored and
/// does not run is started by <see cref="WebhookSweepFunction"/>; what was handed over before is not delivered twice.
/// </summary>
public sealed class WebhookHandover(SubscriptionStore subscriptions, DeliveryStore deliveries, TimeProvider clock) : INotificationReceiver
{
    /// <inheritdoc/>
    public async Task TakeAsync(DurableTaskClient durable, AlertNotification notification, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(durable);
        ArgumentNullException.ThrowIfNull(notification);
        List<StoredSubscription> all = await subscriptions.ReadAsync(cancellationToken).ConfigureAwait(false);
        List<WebhookSubscription> wanting =
            [.. all.Select(stored => stored.Subscription).Where(subscription => subscription.IsEnabled && subscription.Filter.Matches(notification.Alert))];
        if (wanting.Count == 0)
        {
            return;
        }

        await deliveries.AddAsync(PayloadBounds.Cut(notification), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(wanting.Select(subscription => TakeAsync(durable, notification, subscription, cancellationToken))).ConfigureAwait(false);
    }

    /// <summary>Starts the orchestration of a delivery that is stored as pending.</summary>
    internal static Task StartAsync(DurableTaskClient durable, WebhookDelivery delivery, CancellationToken cancellationToken) => InstanceStart.EnsureAsync(
        durable, OrchestrationNames.DeliverWebhook, DeliveryKey.InstanceOf(delivery), DeliveryKey.Of(delivery), cancellationToken);

    /// <summary>The delivery of a notification to a subscription before it begins.</summary>
    internal static WebhookDelivery Delivery(AlertNotification notification, WebhookSubscription subscription, DateTimeOffset now) => new(
        DeliveryId.Of(subscription.Id, notification.Id, notification.Timestamp), notification.Id, notification.Type, notification.Alert.AlertId, notification.Alert.Rule)
    {
        Format = subscription.Format,
        FollowsId = notification.FollowsId,
        CreatedAt = now,
    };

    private async Task TakeAsync(DurableTaskClient durable, AlertNotification notification, WebhookSubscription subscription, CancellationToken cancellationToken)
    {
        WebhookDelivery delivery = Delivery(notification, subscription, clock.GetUtcNow());
        if (!await deliveries.TryAddAsync(delivery, cancellationToken).ConfigureAwait(false)
            && await deliveries.FindAsync(delivery.Id, cancellationToken).ConfigureAwait(false) is not { Delivery.State: DeliveryState.Pending })
        {
            return;
        }

        await StartAsync(durable, delivery, cancellationToken).ConfigureAwait(false);
    }
}
