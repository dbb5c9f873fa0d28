using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;

public sealed class DeliveryCrashTests : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();

    public Task InitializeAsync() => _azurite.InitializeAsync();

    public Task DisposeAsync() => _azurite.DisposeAsync();

    [Fact]
    public async Task A_host_killed_between_sent_and_recorded_sends_the_same_message_again()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        string id, deliveryId, secret;
        HostProcess host = await StartAsync();
        await using (host)
        {
            // A message that arrives, and is then sent once more by an orchestration: while the receiver has it but has not said so, the host is killed.
            var subscriber = new Subscriber(host.Service);
            (id, secret) = await subscriber.SubscribeAsync(receiver.Url);
            (_, JsonNode? tested, _) = await subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/test");
            deliveryId = (string)tested!["id"]!;
            receiver.Answer = static (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);
            (HttpStatusCode accepted, _, _) = await subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/deliveries/{deliveryId}/replay");
            Assert.Equal(HttpStatusCode.Accepted, accepted);
            await receiver.ReceivedAsync(2);
            await host.KillAsync();
        }

        receiver.Answer = WebhookReceiver.Status(StatusCodes.Status200OK);
        await using HostProcess next = await StartAsync();
        JsonObject delivery = await new Subscriber(next.Service).DeliveredAsync(id);

        // The test, the attempt that nobody recorded, and its repetition.
        Assert.Equal(3, receiver.Received.Count);
        Assert.Single(receiver.Received.Select(received => received.Id).Distinct());
        Assert.All(receiver.Received, received => Assert.True(received.IsSignedWith(secret)));
        Assert.Equal([204, 200], Subscriber.StatusesOf(delivery));
        Assert.DoesNotContain(secret, next.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_killed_between_attempts_goes_on_where_it_was()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        string id;
        HostProcess host = await StartAsync(("Webhooks__FirstRetry", "00:00:03"));
        await using (host)
        {
            var subscriber = new Subscriber(host.Service);
            (id, _) = await subscriber.SubscribeAsync(receiver.Url);
            (_, JsonNode? tested, _) = await subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/test");
            receiver.Answer = WebhookReceiver.Status(StatusCodes.Status503ServiceUnavailable);
            await subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/deliveries/{(string)tested!["id"]!}/replay");
            await subscriber.DeliveryAsync(id, static delivery => Subscriber.StatusesOf(delivery) is [204, 503], "failed once");
            receiver.Answer = WebhookReceiver.Status(StatusCodes.Status200OK);
            await host.KillAsync();
        }

        await using HostProcess next = await StartAsync();
        JsonObject delivery = await new Subscriber(next.Service).DeliveredAsync(id);

        Assert.Equal([204, 503, 200], Subscriber.StatusesOf(delivery));
        Assert.Equal(3, receiver.Received.Count);
    }

    private Task<HostProcess> StartAsync(params (string Name, string Value)[] more) => _azurite.StartHostAsync([.. WebhookFixture.Environment, .. more]);
}
