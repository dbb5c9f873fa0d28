using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Core.Alerting.Webhooks;
using ServerlessTrace.Storage.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>Starts deliveries that are pending though nothing works on them: their start was lost, or their orchestration failed.</summary>
public sealed partial class WebhookSweepFunction(
    SubscriptionStore subscriptions, DeliveryStore deliveries, WebhookOptions options, TimeProvider clock, ILogger<WebhookSweepFunction> log)
{
    /// <summary>How much later than due a delivery may be before it is taken for forgotten. Starting one that runs does nothing.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    /// <summary>Every five minutes: a query a subscription.</summary>
    [Function("WebhookSweep")]
    public async Task SweepAsync(
        [TimerTrigger("45 */5 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        foreach (StoredSubscription stored in await subscriptions.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            string id = stored.Subscription.Id;
            foreach (WebhookDelivery delivery in await deliveries.ReadPendingAsync(id, options.OldestPending(now), cancellationToken).ConfigureAwait(false))
            {
                if ((delivery.NextAttemptAt ?? delivery.CreatedAt) + Grace < now)
                {
                    await StartAsync(durable, delivery, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task StartAsync(DurableTaskClient durable, WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            await WebhookHandover.StartAsync(durable, delivery, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever is wrong with one delivery: the others are started all the same, and this one in five minutes.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogNotStarted(exception, delivery.Id);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhook delivery {Delivery} could not be started")]
    private partial void LogNotStarted(Exception exception, DeliveryId delivery);
}
