using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;

/// <summary>A service that gives deliveries up after the first attempt.</summary>
public sealed class GivenUpTests : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();
    private RunningService _service = null!;

    public async Task InitializeAsync()
    {
        await _azurite.InitializeAsync();
        _service = await RunningService.StartAsync(
            _azurite.ConnectionString, new Dictionary<string, string>(WebhookFixture.Settings) { ["Webhooks:GiveUpAfter"] = "00:00:00" });
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await _azurite.DisposeAsync();
    }

    [Fact]
    public async Task What_was_given_up_stays_listed_and_can_be_replayed_as_the_same_message()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(WebhookReceiver.Status(StatusCodes.Status500InternalServerError, "no"));
        var subscriber = new Subscriber(_service);
        (string id, string secret) = await subscriber.SubscribeAsync(receiver.Url);

        AlertNotification alert = subscriber.Alert("dead");
        await subscriber.HandOverAsync(alert);
        JsonObject dead = await subscriber.DeliveryAsync(id, static delivery => Subscriber.StateOf(delivery) == "dead", "is dead");
        await subscriber.HandOverAsync(alert);
        Assert.Equal("Given up after one attempt.", (string)dead["reason"]!);
        Assert.Single(receiver.Received);

        receiver.Answer = WebhookReceiver.Status(StatusCodes.Status200OK);
        (HttpStatusCode accepted, _, _) = await subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/deliveries/{(string)dead["id"]!}/replay");
        JsonObject delivery = await subscriber.DeliveredAsync(id);

        Assert.Equal(HttpStatusCode.Accepted, accepted);
        Assert.Equal(2, receiver.Received.Count);
        Assert.Single(receiver.Received.Select(received => received.Id).Distinct());
        Assert.True(receiver.Received[1].IsSignedWith(secret));
        Assert.Equal([500, 200], Subscriber.StatusesOf(delivery));
        (_, JsonNode? shown, _) = await subscriber.CallAsync(HttpMethod.Get, $"api/webhooks/{id}/deliveries/{(string)dead["id"]!}");
        Assert.Equal(System.Text.Encoding.UTF8.GetString(receiver.Received[0].Body), (string)shown!["request"]!["body"]!);
    }

    [Fact]
    public async Task A_delivery_whose_orchestration_was_lost_is_started_by_the_sweep()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(WebhookReceiver.Status(StatusCodes.Status200OK));
        var subscriber = new Subscriber(_service);
        (string id, _) = await subscriber.SubscribeAsync(receiver.Url);

        await subscriber.StoreOnlyAsync(id, subscriber.Alert("lost"), DateTimeOffset.UtcNow.AddMinutes(-5));
        await subscriber.SweepAsync();

        await subscriber.DeliveredAsync(id);
        Assert.Single(receiver.Received);
    }
}
