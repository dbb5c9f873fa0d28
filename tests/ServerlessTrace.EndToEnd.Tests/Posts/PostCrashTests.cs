using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>What was acknowledged is there once, whatever happens to the host.</summary>
public sealed class PostCrashTests : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();

    public Task InitializeAsync() => _azurite.InitializeAsync();

    public Task DisposeAsync() => _azurite.DisposeAsync();

    [Fact]
    public async Task A_host_killed_while_bodies_are_posted_loses_none_that_it_acknowledged()
    {
        var acknowledged = new ConcurrentDictionary<string, Uri?>(StringComparer.Ordinal);
        HostProcess host = await _azurite.StartHostAsync();
        try
        {
            for (int kill = 0; kill < 3; kill++)
            {
                int goal = acknowledged.Count + 40;
                using var killed = new CancellationTokenSource();
                Task[] senders = [.. Enumerable.Range(0, 8).Select(i => SendAsync(host.Service, i % 2 == 0, acknowledged, killed.Token))];
                await Eventually.GetAsync(() => Task.FromResult(acknowledged.Count), count => count >= goal, "Acknowledgements");
                await host.KillAsync();
                await killed.CancelAsync();
                await Task.WhenAll(senders);
                host = await _azurite.StartHostAsync();
            }

            foreach ((string trace, Uri? receiptUrl) in acknowledged)
            {
                JsonObject sealedTrace = await host.Service.TraceAsync(trace);
                Assert.Equal(2, (int)sealedTrace["spanCount"]!);
                if (receiptUrl is not null)
                {
                    JsonObject receipt = await host.Service.ReceiptAtAsync(receiptUrl);
                    Assert.Equal("complete", (string)receipt["state"]!);
                    Assert.Equal(4, (int)receipt["records"]!);
                }
            }

            List<JsonObject> receipts = (await host.Service.ReceiptsAsync()).FindAll(receipt => ((string)receipt["source"]!).Contains("span-logs", StringComparison.Ordinal));
            Assert.Equal(receipts.Count, receipts.Select(receipt => (string)receipt["source"]!).Distinct().Count());
            List<JsonObject> listed = await host.Service.TracesAsync();
            Assert.Equal(listed.Count, listed.Select(trace => (string)trace["traceId"]!).Distinct().Count());
        }
        catch (Xunit.Sdk.XunitException exception)
        {
            throw new Xunit.Sdk.XunitException($"{exception.Message}\nThe last host said:\n{host.Output}", exception);
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Posts_that_are_sent_again_change_nothing_in_traces_and_sums()
    {
        const string Range = "from=2026-02-26T17:00:00Z&to=2026-02-26T20:00:00Z";
        string trace = SpanLogs.NewTraceId();
        string other = SpanLogs.NewTraceId();
        await using RunningService service = await RunningService.StartAsync(_azurite.ConnectionString);
        await PostBothAsync();
        JsonObject first = await service.TraceAsync(trace);
        JsonObject second = await service.TraceAsync(other);
        await service.NothingOpenAsync();
        JsonObject latency = await service.GetJsonAsync($"api/latency?{Range}");

        await PostBothAsync();
        await PostBothAsync();
        await service.NothingOpenAsync();

        Assert.True(JsonNode.DeepEquals(first, await service.FindTraceAsync(trace)));
        Assert.True(JsonNode.DeepEquals(second, await service.FindTraceAsync(other)));
        Assert.True(JsonNode.DeepEquals(latency, await service.GetJsonAsync($"api/latency?{Range}")));
        Assert.Equal(2, (await service.TracesAsync()).Count);

        async Task PostBothAsync()
        {
            using HttpResponseMessage lines = await service.PostAsync("api/span-logs", Lines(trace));
            Assert.Equal(HttpStatusCode.Accepted, lines.StatusCode);
            using HttpResponseMessage otlp = await service.PostAsync(
                "v1/traces", OtlpMessages.Request(OtlpMessages.Span(other, 1), OtlpMessages.Span(other, 2, 1)), "application/x-protobuf");
            Assert.Equal(HttpStatusCode.OK, otlp.StatusCode);
        }
    }

    private static async Task SendAsync(
        RunningService service, bool isOtlp, ConcurrentDictionary<string, Uri?> acknowledged, CancellationToken killed)
    {
        while (!killed.IsCancellationRequested)
        {
            string trace = SpanLogs.NewTraceId();
            try
            {
                using HttpResponseMessage response = isOtlp
                    ? await service.PostAsync("v1/traces", OtlpMessages.Request(OtlpMessages.Span(trace, 1), OtlpMessages.Span(trace, 2, 1)), "application/x-protobuf")
                    : await service.PostAsync($"api/span-logs?source={trace}", Lines(trace));
                if (response.IsSuccessStatusCode)
                {
                    acknowledged[trace] = response.Headers.Location;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // Killed: not acknowledged.
                await Task.Yield();
            }
        }
    }

    private static string Lines(string trace) =>
        SpanLogs.Span(trace, "a000000000000001", "crash-gateway", "POST /pay", 0, 100)
        + SpanLogs.Span(trace, "a000000000000002", "crash-payments", "pay", 10, 80, "a000000000000001");
}
