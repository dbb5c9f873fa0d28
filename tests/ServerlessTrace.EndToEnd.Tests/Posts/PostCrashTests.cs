using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Functions.Ingest.Http;
using ServerlessTrace.Storage;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>What was acknowledged is there once, whatever happens to the host.</summary>
public sealed class PostCrashTests : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();

    private BlobContainerClient Posted => new BlobServiceClient(_azurite.ConnectionString).GetBlobContainerClient("posted");

    private QueueClient Pointers => new(_azurite.ConnectionString, "posted");

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

            // Groups that were stored and not acknowledged, because the host was killed before their message was sent.
            await Sweep(new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(2))).SweepAsync(null!, CancellationToken.None);
            await host.Service.NothingPostedLeftAsync();
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
    public async Task A_group_that_is_delivered_again_at_any_time_changes_nothing()
    {
        string trace = SpanLogs.NewTraceId();
        (string name, BinaryData content) = await PostWithoutTakingInAsync(trace);
        await using RunningService service = await RunningService.StartAsync(_azurite.ConnectionString);
        JsonObject first = await service.TraceAsync(trace);
        await service.NothingPostedLeftAsync();
        JsonObject receipt = Assert.Single(await service.ReceiptsAsync());

        // Its message is delivered again; then, as after a crash before the blob was deleted, with the blob still there.
        await Pointers.SendMessageAsync(name);
        await Posted.GetBlobClient(name).UploadAsync(content);
        await Pointers.SendMessageAsync(name);
        await service.NothingPostedLeftAsync();
        await service.NothingOpenAsync();

        Assert.True(JsonNode.DeepEquals(first, await service.FindTraceAsync(trace)));
        JsonObject again = Assert.Single(await service.ReceiptsAsync());
        Assert.Equal((string)receipt["id"]!, (string)again["id"]!);
        Assert.Single(await service.TracesAsync());
        Assert.Equal(0, (int)(await service.GetJsonAsync("api/health"))["poisonMessages"]!);
    }

    [Fact]
    public async Task A_group_whose_message_was_lost_is_found_by_the_sweep()
    {
        string trace = SpanLogs.NewTraceId();
        (string name, _) = await PostWithoutTakingInAsync(trace);
        await Pointers.ClearMessagesAsync();
        await using RunningService service = await RunningService.StartAsync(_azurite.ConnectionString);
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(59));
        PostedSweepFunction sweep = Sweep(clock);
        await sweep.SweepAsync(null!, CancellationToken.None);
        Assert.Equal(0, (await Pointers.GetPropertiesAsync()).Value.ApproximateMessagesCount);
        Assert.True(await Posted.GetBlobClient(name).ExistsAsync());

        clock.Advance(TimeSpan.FromMinutes(2));
        await sweep.SweepAsync(null!, CancellationToken.None);

        Assert.Equal(2, (int)(await service.TraceAsync(trace))["spanCount"]!);
        await service.NothingPostedLeftAsync();
    }

    private PostedSweepFunction Sweep(TimeProvider clock)
    {
        string connection = _azurite.ConnectionString;
        var clients = new StorageClients(new TableServiceClient(connection), new BlobServiceClient(connection), new QueueServiceClient(connection));
        return new PostedSweepFunction(clients, clock, NullLogger<PostedSweepFunction>.Instance);
    }

    /// <summary>Has a body acknowledged by a host that takes nothing in, as one that is killed right after; returns its group.</summary>
    private async Task<(string Name, BinaryData Content)> PostWithoutTakingInAsync(string trace)
    {
        await using RunningService front = await RunningService.StartAsync(_azurite.ConnectionString, without: [typeof(PostedGroupFunction)]);
        using HttpResponseMessage response = await front.PostAsync("api/span-logs", Lines(trace));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        BlobItem blob = Assert.Single(Posted.GetBlobs());
        return (blob.Name, (await Posted.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content);
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
