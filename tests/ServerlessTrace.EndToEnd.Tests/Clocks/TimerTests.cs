using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using DurableTask.Core.History;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;
using ServerlessTrace.EndToEnd.Tests.Posts;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Functions.Alerting.WindowRules;
using ServerlessTrace.Functions.Sealing;
using ServerlessTrace.LocalHost;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.EndToEnd.Tests.Clocks;

/// <summary>
/// Durable timers that fire a second early, as those of Azure's default backend do, or a second late: nothing happens before its time, nothing is left to
/// a sweep, and a wait for the rest is no loop.
/// </summary>
public sealed class TimerTests : IAsyncLifetime
{
    /// <summary>Activities of an orchestration that meets with no failure; one that waits in a loop has many more.</summary>
    private const int MostActivities = 5;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan QuietPeriod = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly OwnAzurite _azurite = new();
    private RunningService _service = null!;

    public Task InitializeAsync() => _azurite.InitializeAsync();

    public Task DisposeAsync() => _azurite.DisposeAsync();

    [Theory]
    [InlineData(DurableBackend.Table, -1)]
    [InlineData(DurableBackend.Table, 1)]
    [InlineData(DurableBackend.AzureStorage, -1)]
    [InlineData(DurableBackend.AzureStorage, 1)]
    public async Task Windows_quiet_periods_alert_minutes_and_retries_end_by_the_clock(DurableBackend backend, int skewSeconds)
    {
        var settings = new Dictionary<string, string>(WebhookFixture.Settings) { ["Seal:Window"] = $"{Window}", ["Seal:QuietPeriod"] = $"{QuietPeriod}" };
        await using RunningService service = await RunningService.StartAsync(
            _azurite.ConnectionString,
            settings,
            options =>
            {
                options.Durable = backend;
                options.TimerSkew = TimeSpan.FromSeconds(skewSeconds);
            },
            typeof(SealSweepFunction));
        _service = service;

        await Task.WhenAll(AssertWindowAsync(), AssertQuietPeriodAsync(), AssertMinuteAsync(), AssertRetryAfterAsync());

        await foreach (OrchestrationMetadata instance in service.Host.DurableClient.GetAllInstancesAsync())
        {
            IList<HistoryEvent> history = await service.Host.DurableClient.GetOrchestrationHistoryAsync(instance.InstanceId);
            int activities = history.Count(static happened => happened.EventType == EventType.TaskScheduled);
            Assert.True(activities <= MostActivities, $"{instance.Name} {instance.InstanceId} called {activities} activities.");
        }
    }

    /// <summary>What comes just before a window's end is sealed by it, though the window was started long before.</summary>
    private async Task AssertWindowAsync()
    {
        DateTimeOffset end = DateTimeOffset.UnixEpoch + (Window * (Math.Floor((DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch) / Window) + 2));
        await UntilAsync(end - Window);
        string first = await PostAsync();
        await UntilAsync(end - TimeSpan.FromSeconds(0.4));
        string last = await PostAsync();

        await SealedAsync(first);
        await SealedAsync(last);
    }

    /// <summary>A trace that is not complete is sealed after its quiet period.</summary>
    private async Task AssertQuietPeriodAsync()
    {
        DateTimeOffset begun = DateTimeOffset.UtcNow;
        DateTimeOffset sealedAt = await SealedAsync(await PostAsync(shard: 1, parent: "a0000000000000ff"));
        Assert.True(sealedAt - begun >= QuietPeriod, $"A trace was sealed after {sealedAt - begun}.");
    }

    /// <summary>A minute is not evaluated before it may be.</summary>
    private async Task AssertMinuteAsync()
    {
        var subscriber = new Subscriber(_service);
        var received = new TaskCompletionSource<DateTimeOffset>();
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync((_, _) =>
        {
            received.TrySetResult(DateTimeOffset.UtcNow);
            return Task.CompletedTask;
        });
        await subscriber.SubscribeAsync(receiver.Url);
        (HttpStatusCode created, _, _) = await subscriber.CallAsync(
            HttpMethod.Put,
            "api/alert-rules/slow",
            $$$"""{"kind":"window","above":"500ms","window":"1m","minimumSamples":1,"of":"traces","match":{"service":"{{{subscriber.Service}}}"}}""");
        Assert.Equal(HttpStatusCode.Created, created);
        string trace = await PostAsync(shard: 1, service: subscriber.Service, durationMs: 900);
        await SealedAsync(trace);
        await Eventually.GetAsync(() => _service.TracesAsync($"service={subscriber.Service}"), static found => found.Count == 1, "The trace found");

        DateTimeOffset notBefore = DateTimeOffset.UtcNow.AddSeconds(2.5);
        await EvaluationFunctions.StartMinuteAsync(
            _service.Host.DurableClient, new DateTimeOffset(2026, 2, 26, 18, 1, 0, TimeSpan.Zero), notBefore, CancellationToken.None);
        DateTimeOffset toldAt = await received.Task.WaitAsync(Eventually.Deadline);
        Assert.True(toldAt >= notBefore, $"An alert came {notBefore - toldAt} before its minute was to be evaluated.");
    }

    /// <summary>A receiver that asks for time gets it.</summary>
    private async Task AssertRetryAfterAsync()
    {
        var requests = new ConcurrentQueue<DateTimeOffset>();
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync((context, _) =>
        {
            requests.Enqueue(DateTimeOffset.UtcNow);
            context.Response.StatusCode = requests.Count == 1 ? StatusCodes.Status429TooManyRequests : StatusCodes.Status200OK;
            context.Response.Headers.RetryAfter = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        var subscriber = new Subscriber(_service);
        (string id, _) = await subscriber.SubscribeAsync(receiver.Url);

        await subscriber.HandOverAsync(subscriber.Alert("busy"));
        JsonObject delivery = await subscriber.DeliveredAsync(id);

        DateTimeOffset[] at = [.. requests];
        Assert.Equal([429, 200], Subscriber.StatusesOf(delivery));
        Assert.True(at[1] - at[0] >= RetryAfter, $"It was sent again after {at[1] - at[0]}.");
    }

    /// <summary>Posts a trace of one span, in a shard that no other assertion's orchestration seals by the way; returns its id once it is stored.</summary>
    private async Task<string> PostAsync(int shard = 0, string? parent = null, string service = "clockwork", int durationMs = 10)
    {
        string trace;
        do
        {
            trace = SpanLogs.NewTraceId();
        }
        while (!TraceId.TryParse(trace, out TraceId id) || Shard.Of(id).Number != shard);
        using HttpResponseMessage accepted = await _service.PostAsync(
            "api/span-logs", SpanLogs.Span(trace, "a000000000000001", service, "GET /", 0, durationMs, parent), "application/x-ndjson");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        return trace;
    }

    private async Task<DateTimeOffset> SealedAsync(string trace)
    {
        await _service.TraceAsync(trace);
        return DateTimeOffset.UtcNow;
    }

    private static async Task UntilAsync(DateTimeOffset time) =>
        await Eventually.GetAsync(static () => Task.FromResult(DateTimeOffset.UtcNow), now => now >= time, "A time");
}
