using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Payloads;
using ServerlessTrace.Core.Alerting.Webhooks;
using ServerlessTrace.Functions.Api;
using ServerlessTrace.Storage.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>What was sent to a subscription and what came of it; sends once more, or sends a test.</summary>
public sealed class WebhookDeliveriesFunctions(SubscriptionStore subscriptions, DeliveryStore deliveries, WebhookDeliverer deliverer, TimeProvider clock)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private const string Hidden = "…";

    private static readonly (string Name, DeliveryState State)[] States =
        [("pending", DeliveryState.Pending), ("delivered", DeliveryState.Delivered), ("dead", DeliveryState.Dead)];

    /// <summary>Sends a test message at once, also where the subscription is disabled, and answers with what came of it. It is not repeated.</summary>
    [Function("TestWebhook")]
    public async Task<IResult> TestAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/webhooks/{id}/test")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        if (await subscriptions.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } stored)
        {
            return WebhookProblem.NoSubscription();
        }

        AlertNotification notification = TestNotification.New(clock.GetUtcNow());
        WebhookDelivery delivery = WebhookHandover.Delivery(notification, stored.Subscription, clock.GetUtcNow());
        await deliveries.AddAsync(notification, cancellationToken).ConfigureAwait(false);
        WebhookDelivery tried = await deliverer.TryOnceAsync(delivery, notification, stored.Subscription, cancellationToken).ConfigureAwait(false);
        await deliveries.TryAddAsync(tried, cancellationToken).ConfigureAwait(false);
        return Results.Json(DeliveryResponse.Of(tried, Sent(tried, notification, stored.Subscription)), WebhookJson.Default.DeliveryResponse);
    }

    /// <summary>Deliveries, newest first: <c>state</c>, <c>limit</c>, <c>cursor</c>.</summary>
    [Function("ListWebhookDeliveries")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/webhooks/{id}/deliveries")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string? cursor = request.Query["cursor"];
        if (cursor is not null && !DeliveryId.IsValidKey(cursor))
        {
            return Problem.BadRequest("'cursor' must be the 'nextCursor' of an earlier answer.");
        }

        int limit = DefaultLimit;
        if (request.Query["limit"].ToString() is { Length: > 0 } text
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
        {
            return Problem.BadRequest($"'limit' must be a number from 1 to {MaxLimit}.");
        }

        DeliveryState? state = null;
        if (request.Query["state"].ToString() is { Length: > 0 } name)
        {
            int index = Array.FindIndex(States, pair => pair.Name == name);
            if (index < 0)
            {
                return Problem.BadRequest($"'state' must be one of {string.Join(", ", States.Select(static pair => pair.Name))}.");
            }

            state = States[index].State;
        }

        if (await subscriptions.FindAsync(id, cancellationToken).ConfigureAwait(false) is null)
        {
            return WebhookProblem.NoSubscription();
        }

        var page = new List<DeliveryResponse>();
        await foreach (StoredDelivery stored in deliveries.ReadAsync(id, state, cursor, cancellationToken).ConfigureAwait(false))
        {
            page.Add(DeliveryResponse.Of(stored.Delivery));
            if (page.Count == limit)
            {
                break;
            }
        }

        return Results.Json(new DeliveryListResponse(page, page.Count == limit ? page[^1].Id : null), WebhookJson.Default.DeliveryListResponse);
    }

    /// <summary>One delivery, with what is sent.</summary>
    [Function("GetWebhookDelivery")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/webhooks/{id}/deliveries/{deliveryId}")] HttpRequest request,
        string id,
        string deliveryId,
        CancellationToken cancellationToken)
    {
        StoredSubscription? subscription = await subscriptions.FindAsync(id, cancellationToken).ConfigureAwait(false);
        StoredDelivery? stored = await deliveries.FindAsync(new DeliveryId(id, deliveryId), cancellationToken).ConfigureAwait(false);
        if (subscription is null || stored is null)
        {
            return subscription is null ? WebhookProblem.NoSubscription() : WebhookProblem.NoDelivery();
        }

        AlertNotification? notification = await deliveries.FindNotificationAsync(stored.Delivery.NotificationId, cancellationToken).ConfigureAwait(false);
        DeliveryResponse.Sent? sent = notification is null ? null : Sent(stored.Delivery, notification, subscription.Subscription);
        return Results.Json(DeliveryResponse.Of(stored.Delivery, sent), WebhookJson.Default.DeliveryResponse);
    }

    /// <summary>Delivers once more what has ended, dead or not, with the same <c>webhook-id</c>. 202: it runs.</summary>
    [Function("ReplayWebhookDelivery")]
    public async Task<IResult> ReplayAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/webhooks/{id}/deliveries/{deliveryId}/replay")] HttpRequest request,
        string id,
        string deliveryId,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(durable);
        StoredSubscription? subscription = await subscriptions.FindAsync(id, cancellationToken).ConfigureAwait(false);
        StoredDelivery? stored = await deliveries.FindAsync(new DeliveryId(id, deliveryId), cancellationToken).ConfigureAwait(false);
        if (subscription is null || stored is null)
        {
            return subscription is null ? WebhookProblem.NoSubscription() : WebhookProblem.NoDelivery();
        }

        if (!subscription.Subscription.IsEnabled)
        {
            return Problem.Conflict("The webhook is disabled. Enable it first.");
        }

        // What is pending already is only made sure to run: whoever asks again, because the answer got lost, gets it once.
        WebhookDelivery replayed = stored.Delivery.State == DeliveryState.Pending ? stored.Delivery : stored.Delivery.AsReplayed();
        if (replayed != stored.Delivery && !await deliveries.TryReplaceAsync(replayed, stored.RowVersion, cancellationToken).ConfigureAwait(false))
        {
            return WebhookProblem.Changed();
        }

        await WebhookHandover.StartAsync(durable, replayed, cancellationToken).ConfigureAwait(false);
        return Results.Json(DeliveryResponse.Of(replayed), WebhookJson.Default.DeliveryResponse, statusCode: StatusCodes.Status202Accepted);
    }

    private static DeliveryResponse.Sent Sent(WebhookDelivery delivery, AlertNotification notification, WebhookSubscription subscription)
    {
        var envelope = new PayloadEnvelope(delivery.Id.MessageId, subscription.RoutingKey is null ? null : Hidden);
        ReadOnlyMemory<byte> body = AlertPayload.Write(delivery.Format, notification, envelope);
        return new DeliveryResponse.Sent(subscription.ShownUrl, AlertPayload.ContentType(delivery.Format), Encoding.UTF8.GetString(body.Span));
    }
}
