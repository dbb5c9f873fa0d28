using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;

/// <summary>From a notification to its receiver, on every durable backend.</summary>
public abstract class DeliveryTests(WebhookFixture fixture)
{
    private readonly RunningService _service = fixture.Service;
    private readonly Subscriber _subscriber = new(fixture.Service);

    [Fact]
    public async Task An_alert_arrives_once_and_signed_however_often_it_is_handed_over()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        (string id, string secret) = await _subscriber.SubscribeAsync(receiver.Url);
        AlertNotification alert = _subscriber.Alert("once");

        await _subscriber.HandOverAsync(alert);
        await _subscriber.HandOverAsync(alert);
        JsonObject delivery = await _subscriber.DeliveredAsync(id);
        await _subscriber.HandOverAsync(alert);

        ReceivedWebhook received = Assert.Single(receiver.Received);
        Assert.True(received.IsSignedWith(secret));
        Assert.Equal((string)delivery["messageId"]!, received.Id);
        Assert.Equal("application/json", received.ContentType);
        Assert.Equal(("alert.firing", "once", "critical"), (received.Type, received.AlertId, (string)received.Json["data"]!["severity"]!));
        Assert.Equal([204], Subscriber.StatusesOf(delivery));
        Assert.True((double)delivery["attempts"]![0]!["latencyMs"]! > 0);
    }

    [Fact]
    public async Task Only_what_the_filter_names_is_sent()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await _subscriber.SubscribeAsync(receiver.Url);
        var other = new Subscriber(_service);

        await other.HandOverAsync(other.Alert("other"));
        await _subscriber.HandOverAsync(_subscriber.Alert("mine"));

        Assert.Equal("mine", (await receiver.ReceivedAsync(1)).Single().AlertId);
    }

    [Fact]
    public async Task A_test_message_is_sent_at_once_and_its_answer_told()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(WebhookReceiver.Status(StatusCodes.Status418ImATeapot, "short\nand \u001b[31mstout"));
        (string id, string secret) = await _subscriber.SubscribeAsync(receiver.Url);

        (_, JsonNode? tested, _) = await _subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/test");

        ReceivedWebhook received = Assert.Single(receiver.Received);
        Assert.True(received.IsSignedWith(secret));
        Assert.Equal("dead", (string)tested!["state"]!);
        Assert.Equal(418, (int)tested["attempts"]![0]!["status"]!);
        Assert.Equal("short\\nand \\u001b[31mstout", (string)tested["attempts"]![0]!["excerpt"]!);
        Assert.Equal(System.Text.Encoding.UTF8.GetString(received.Body), (string)tested["request"]!["body"]!);
        Assert.Equal((string)tested["id"]!, (string)(await _subscriber.DeliveriesAsync(id, "&state=dead")).Single()["id"]!);
    }

    [Fact]
    public async Task A_message_carries_the_trace_that_it_was_sent_in()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name.StartsWith("ServerlessTrace", StringComparison.Ordinal),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        (string id, _) = await _subscriber.SubscribeAsync(receiver.Url);

        await _subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/test", headers: ("traceparent", $"00-{Trace}-b7ad6b7169203331-01"));

        string parent = Assert.Single(receiver.Received).TraceParent;
        Assert.StartsWith($"00-{Trace}-", parent, StringComparison.Ordinal);
        Assert.DoesNotContain("b7ad6b7169203331", parent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_was_down_gets_the_same_message_when_it_is_up()
    {
        int port = FreePort();
        (string id, string secret) = await _subscriber.SubscribeAsync(new Uri($"http://127.0.0.1:{port}/"));
        await _subscriber.HandOverAsync(_subscriber.Alert("down"));
        JsonObject tried = await _subscriber.DeliveryAsync(id, static delivery => (int)delivery["attemptCount"]! >= 2, "was tried twice");
        Assert.Equal("pending", Subscriber.StateOf(tried));
        Assert.NotNull(tried["nextAttemptAt"]);

        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(port: port);
        JsonObject delivery = await _subscriber.DeliveredAsync(id);

        Assert.Equal((string)delivery["messageId"]!, Assert.Single(receiver.Received).Id);
        Assert.True(receiver.Received[0].IsSignedWith(secret));
        Assert.True(Subscriber.StatusesOf(delivery).Count >= 3);
        Assert.Equal("Connection refused", (string)delivery["attempts"]![0]!["error"]!);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(302)]
    public async Task What_a_receiver_does_not_take_is_sent_again_as_the_same_message(int status)
    {
        int requests = 0;
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.Headers.Location = "/elsewhere";
            context.Response.StatusCode = Interlocked.Increment(ref requests) < 3 ? status : StatusCodes.Status200OK;
            return Task.CompletedTask;
        });
        (string id, string secret) = await _subscriber.SubscribeAsync(receiver.Url);

        await _subscriber.HandOverAsync(_subscriber.Alert("refused"));
        JsonObject delivery = await _subscriber.DeliveredAsync(id);

        Assert.Equal([status, status, 200], Subscriber.StatusesOf(delivery));
        Assert.Equal(3, receiver.Received.Count);
        Assert.Single(receiver.Received.Select(received => received.Id).Distinct());
        Assert.Single(receiver.Received.Select(received => Convert.ToHexString(received.Body)).Distinct());
        Assert.All(receiver.Received, received => Assert.True(received.IsSignedWith(secret)));
        Assert.All(receiver.Received, received => Assert.Equal("/", received.Path));
    }

    [Fact]
    public async Task A_receiver_that_asks_for_time_gets_it()
    {
        int requests = 0;
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref requests) == 1 ? StatusCodes.Status429TooManyRequests : StatusCodes.Status200OK;
            context.Response.Headers.RetryAfter = "2";
            return Task.CompletedTask;
        });
        (string id, _) = await _subscriber.SubscribeAsync(receiver.Url);

        await _subscriber.HandOverAsync(_subscriber.Alert("busy"));
        JsonObject delivery = await _subscriber.DeliveredAsync(id);

        DateTimeOffset[] at = [.. delivery["attempts"]!.AsArray().Select(attempt => attempt!["at"]!.GetValue<DateTimeOffset>())];
        Assert.True(at[1] - at[0] >= TimeSpan.FromSeconds(2), string.Create(CultureInfo.InvariantCulture, $"After {at[1] - at[0]}."));
        Assert.Equal([429, 200], Subscriber.StatusesOf(delivery));
    }

    [Fact]
    public async Task A_receiver_that_is_gone_is_left_alone_until_it_is_enabled_again()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(WebhookReceiver.Status(StatusCodes.Status410Gone));
        (string id, _) = await _subscriber.SubscribeAsync(receiver.Url);

        await _subscriber.HandOverAsync(_subscriber.Alert("gone"));
        JsonObject dead = await _subscriber.DeliveryAsync(id, static delivery => Subscriber.StateOf(delivery) == "dead", "is dead");
        await _subscriber.HandOverAsync(_subscriber.Alert("after"));

        (_, JsonNode? disabled, _) = await _subscriber.CallAsync(HttpMethod.Get, $"api/webhooks/{id}");
        Assert.False((bool)disabled!["enabled"]!);
        Assert.Contains("410", (string)disabled["disabledReason"]!, StringComparison.Ordinal);
        Assert.Single(receiver.Received);
        Assert.Single(await _subscriber.DeliveriesAsync(id, "&state=dead"));

        string replay = $"api/webhooks/{id}/deliveries/{(string)dead["id"]!}/replay";
        (HttpStatusCode refused, _, _) = await _subscriber.CallAsync(HttpMethod.Post, replay);
        Assert.Equal(HttpStatusCode.Conflict, refused);

        receiver.Answer = WebhookReceiver.Status(StatusCodes.Status200OK);
        await _subscriber.CallAsync(HttpMethod.Put, $"api/webhooks/{id}", """{"enabled":true}""");
        (HttpStatusCode accepted, _, _) = await _subscriber.CallAsync(HttpMethod.Post, replay);
        JsonObject replayed = await _subscriber.DeliveredAsync(id);

        Assert.Equal(HttpStatusCode.Accepted, accepted);
        Assert.Equal(1, (int)replayed["replays"]!);
        Assert.Equal([410, 200], Subscriber.StatusesOf(replayed));
        Assert.Single(receiver.Received.Select(received => received.Id).Distinct());
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n", null, "")]
    [InlineData("", null, "")]
    [InlineData("HTTP/1.1 500 Oh no\r\nContent-Length: 1000\r\n\r\nhalf an ans", 500, "half an ans")]
    [InlineData("HTTP/1.1 999 What\r\n\r\n\u00ff\u00fe", 999, "\ufffd\ufffd")]
    public async Task An_answer_that_is_broken_is_a_failed_attempt(string answer, int? status, string excerpt)
    {
        await using var receiver = new RawReceiver(answer);
        (string id, _) = await _subscriber.SubscribeAsync(receiver.Url);

        await _subscriber.HandOverAsync(_subscriber.Alert("broken"));
        JsonObject delivery = await _subscriber.DeliveryAsync(id, static delivery => (int)delivery["attemptCount"]! >= 2, "was tried twice");

        Assert.All(Subscriber.StatusesOf(delivery), seen => Assert.Equal(status, seen));
        JsonNode attempt = delivery["attempts"]![0]!;
        Assert.Equal(excerpt, (string)attempt["excerpt"]!);
        Assert.Equal(status == 999, (string?)attempt["error"] is null);
    }

    [Fact]
    public async Task What_was_taken_is_taken_even_if_the_answer_breaks_off()
    {
        await using var receiver = new RawReceiver("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthan");
        (string id, _) = await _subscriber.SubscribeAsync(receiver.Url);

        await _subscriber.HandOverAsync(_subscriber.Alert("thanks"));

        Assert.Equal([200], Subscriber.StatusesOf(await _subscriber.DeliveredAsync(id)));
    }

    [Fact]
    public async Task Of_an_endless_answer_only_the_beginning_is_read()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(static async (context, _) =>
        {
            byte[] much = new byte[1 << 16];
            Array.Fill(much, (byte)'a');
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(much, context.RequestAborted);
            }
        });
        (string id, _) = await _subscriber.SubscribeAsync(receiver.Url);

        await _subscriber.HandOverAsync(_subscriber.Alert("endless"));
        JsonObject delivery = await _subscriber.DeliveredAsync(id);

        Assert.Equal(501, ((string)delivery["attempts"]![0]!["excerpt"]!).Length);
    }

    [Fact]
    public async Task A_receiver_that_says_nothing_is_not_waited_for_long()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(static (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        (string id, _) = await _subscriber.SubscribeAsync(receiver.Url);

        await _subscriber.HandOverAsync(_subscriber.Alert("silent"));
        JsonObject delivery = await _subscriber.DeliveryAsync(id, static delivery => (int)delivery["attemptCount"]! >= 1, "was tried");

        Assert.Equal("It took too long.", (string)delivery["attempts"]![0]!["error"]!);
        Assert.Equal("pending", Subscriber.StateOf(delivery));
        Assert.NotNull(delivery["nextAttemptAt"]);
    }

    [Fact]
    public async Task A_slow_receiver_delays_no_other()
    {
        const int Alerts = 30;
        var release = new TaskCompletionSource();
        await using WebhookReceiver slow = await WebhookReceiver.StartAsync((_, _) => release.Task);
        await using WebhookReceiver fast = await WebhookReceiver.StartAsync();
        (string slowId, _) = await _subscriber.SubscribeAsync(slow.Url);
        await _subscriber.SubscribeAsync(fast.Url);

        await Task.WhenAll(Enumerable.Range(0, Alerts).Select(i => _subscriber.HandOverAsync(_subscriber.Alert($"alert-{i}"))));
        await fast.ReceivedAsync(Alerts);

        Assert.DoesNotContain(await _subscriber.DeliveriesAsync(slowId), static delivery => Subscriber.StateOf(delivery) == "delivered");
        Assert.InRange(slow.MostAtOnce, 1, 4);
        release.SetResult();
        await Eventually.GetAsync(
            () => _subscriber.DeliveriesAsync(slowId, "&state=delivered"), static delivered => delivered.Count == Alerts, "Everything at the slow receiver too");
        Assert.Equal(Alerts, fast.Received.Select(received => received.Id).Distinct().Count());
    }

    [Fact]
    public async Task Resolved_comes_after_firing_however_often_firing_fails()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(WebhookReceiver.Status(StatusCodes.Status503ServiceUnavailable));
        (string id, _) = await _subscriber.SubscribeAsync(receiver.Url);
        AlertNotification firing = _subscriber.Alert("order");

        await _subscriber.HandOverAsync(firing);
        await receiver.ReceivedAsync(1);
        await _subscriber.HandOverAsync(_subscriber.Alert("order", NotificationType.Resolved, firing.Id));
        await receiver.ReceivedAsync(receiver.Received.Count + 3);
        Assert.All(receiver.Received, received => Assert.Equal("alert.firing", received.Type));

        receiver.Answer = WebhookReceiver.Status(StatusCodes.Status200OK);
        await Eventually.GetAsync(
            () => _subscriber.DeliveriesAsync(id, "&state=delivered"), static delivered => delivered.Count == 2, "Both delivered");

        string[] types = [.. receiver.Received.Select(received => received.Type)];
        Assert.Equal("alert.resolved", types[^1]);
        Assert.Single(types, "alert.resolved");
        Assert.Equal(2, receiver.Received.Select(received => received.Id).Distinct().Count());
    }

    [Fact]
    public async Task While_a_secret_changes_both_sign()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        (string id, string first) = await _subscriber.SubscribeAsync(receiver.Url);
        (_, JsonNode? rotated, _) = await _subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/secret");
        string second = (string)rotated!["secret"]!;

        await _subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/test");
        ReceivedWebhook during = Assert.Single(receiver.Received);
        Assert.True(during.IsSignedWith(first));
        Assert.True(during.IsSignedWith(second));
        Assert.Equal(2, during.Signatures.Split(' ').Length);

        (_, JsonNode? last, _) = await _subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/secret", """{"overlapHours":0}""");
        await _subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/test");
        ReceivedWebhook after = receiver.Received[1];
        Assert.True(after.IsSignedWith((string)last!["secret"]!));
        Assert.False(after.IsSignedWith(second));
    }

    [Fact]
    public async Task Deliveries_are_listed_newest_first_and_page_by_page()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        (string id, _) = await _subscriber.SubscribeAsync(receiver.Url);
        for (int i = 0; i < 5; i++)
        {
            await _subscriber.CallAsync(HttpMethod.Post, $"api/webhooks/{id}/test");
        }

        var listed = new List<string>();
        string? cursor = null;
        do
        {
            (_, JsonNode? page, _) = await _subscriber.CallAsync(HttpMethod.Get, $"api/webhooks/{id}/deliveries?limit=2{(cursor is null ? string.Empty : $"&cursor={cursor}")}");
            listed.AddRange(page!["deliveries"]!.AsArray().Select(delivery => (string)delivery!["messageId"]!));
            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);

        Assert.Equal(receiver.Received.Select(received => received.Id).Reverse(), listed);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

public sealed class DeliveriesOnTableTests(WebhookOnTableFixture fixture) : DeliveryTests(fixture), IClassFixture<WebhookOnTableFixture>;

public sealed class DeliveriesOnAzureStorageTests(WebhookOnAzureStorageFixture fixture) : DeliveryTests(fixture), IClassFixture<WebhookOnAzureStorageFixture>;
