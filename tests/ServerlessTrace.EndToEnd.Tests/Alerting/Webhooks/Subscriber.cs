using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Webhooks;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Functions.Alerting.Webhooks;
using ServerlessTrace.Storage.Webhooks;

namespace ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;

/// <summary>What somebody does who uses webhooks, and the alerts that they are told of. Each has a service name of its own, so that tests keep apart.</summary>
internal sealed class Subscriber(RunningService service)
{
    public string Service { get; } = $"service-{Guid.NewGuid():n}";

    /// <summary>A request with a JSON body.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Json, HttpResponseHeaders Headers)> CallAsync(
        HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await service.Http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), response.Headers);
    }

    /// <summary>Subscribes a URL to alerts of this subscriber's service.</summary>
    public async Task<(string Id, string Secret)> SubscribeAsync(Uri url, string more = "")
    {
        string id = $"w-{Guid.NewGuid():n}";
        (HttpStatusCode status, JsonNode? json, _) = await CallAsync(
            HttpMethod.Put, $"api/webhooks/{id}", $$"""{"url":"{{url}}","filter":{"services":["{{Service}}"]}{{more}}}""");
        Assert.True(status == HttpStatusCode.Created, json?.ToJsonString());
        return (id, (string)json!["secret"]!);
    }

    public AlertNotification Alert(string alertId, NotificationType type = NotificationType.Firing, string? follows = null)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var report = new AlertReport(alertId, "slow-checkout", AlertSeverity.Critical, "checkout is slow")
        {
            Service = Service,
            Window = new AlertWindow(now.AddMinutes(-1), now),
            Observed = 412.5,
            Threshold = 300,
        };
        return new AlertNotification($"{alertId}-{type}", type, now, report, follows);
    }

    /// <summary>Does what evaluation does when it is done.</summary>
    public Task HandOverAsync(AlertNotification notification) => service.Host.Services.GetRequiredService<WebhookHandover>()
        .TakeAsync(service.Host.DurableClient, notification, CancellationToken.None);

    /// <summary>Does as much of a hand-over as was done when the process died in the middle of it.</summary>
    public async Task StoreOnlyAsync(string id, AlertNotification notification, DateTimeOffset at)
    {
        var deliveries = service.Host.Services.GetRequiredService<DeliveryStore>();
        await deliveries.AddAsync(notification, CancellationToken.None);
        var delivery = new WebhookDelivery(
            DeliveryId.Of(id, notification.Id, notification.Timestamp), notification.Id, notification.Type, notification.Alert.AlertId, notification.Alert.Rule) { CreatedAt = at };
        Assert.True(await deliveries.TryAddAsync(delivery, CancellationToken.None));
    }

    public Task SweepAsync() => ActivatorUtilities.CreateInstance<WebhookSweepFunction>(service.Host.Services)
        .SweepAsync(new TimerInfo(), service.Host.DurableClient, CancellationToken.None);

    public async Task<List<JsonObject>> DeliveriesAsync(string id, string query = "")
    {
        (_, JsonNode? json, _) = await CallAsync(HttpMethod.Get, $"api/webhooks/{id}/deliveries?limit=200{query}");
        return [.. json!["deliveries"]!.AsArray().Select(delivery => delivery!.AsObject())];
    }

    /// <summary>The only delivery of a subscription, once it is as wanted.</summary>
    public async Task<JsonObject> DeliveryAsync(string id, Func<JsonObject, bool> isDone, string what)
    {
        List<JsonObject> deliveries = await Eventually.GetAsync(
            () => DeliveriesAsync(id), found => found.Count > 0 && isDone(found[0]), $"A delivery that {what}");
        return Assert.Single(deliveries);
    }

    public Task<JsonObject> DeliveredAsync(string id) => DeliveryAsync(id, static delivery => StateOf(delivery) == "delivered", "is delivered");

    public static string StateOf(JsonObject delivery) => (string)delivery["state"]!;

    public static List<int?> StatusesOf(JsonObject delivery) => [.. delivery["attempts"]!.AsArray().Select(attempt => (int?)attempt!["status"])];
}
