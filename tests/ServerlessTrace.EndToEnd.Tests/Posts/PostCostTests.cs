using System.Diagnostics;
using System.Globalization;
using System.Net;
using Azure.Data.Tables;
using ServerlessTrace.EndToEnd.Tests.Support;
using Xunit.Abstractions;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>What many small posts cost, in requests to storage and rows written.</summary>
public sealed class PostCostTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Posts = 200;
    private const int Spans = 512;

    private readonly OwnAzurite _azurite = new();

    public Task InitializeAsync() => _azurite.InitializeAsync();

    public Task DisposeAsync() => _azurite.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Posts_of_512_spans_stay_within_the_budgets_of_storage_requests_and_rows(int senders)
    {
        byte[][] bodies = [.. Enumerable.Range(0, Posts).Select(_ => OtlpMessages.Request(Spans))];
        await using RunningService service = await RunningService.StartAsync(_azurite.ConnectionString);
        await PostAllAsync(service, bodies[..2], 1);
        await SealedAsync(service, 2 * Spans);
        long before = service.Host.StorageRequests.Total;
        Dictionary<string, long> operationsBefore = new(service.Host.StorageRequests.ByOperation);
        long started = Stopwatch.GetTimestamp();

        await PostAllAsync(service, bodies[2..], senders);
        TimeSpan posted = Stopwatch.GetElapsedTime(started);
        await SealedAsync(service, Posts * Spans);

        long requests = service.Host.StorageRequests.Total - before;
        double perThousand = 1_000.0 * requests / ((Posts - 2) * Spans);
        Dictionary<string, long> operations = service.Host.StorageRequests.ByOperation.ToDictionary(
            pair => pair.Key, pair => pair.Value - operationsBefore.GetValueOrDefault(pair.Key), StringComparer.Ordinal);

        // A chunk is written and, at last, deleted; a receipt stays; blocks are written one a shard and window.
        int traces = (Posts - 2) * ((Spans + 9) / 10);
        long rows = traces + (2 * operations.GetValueOrDefault("PUT SpanChunks")) + operations.GetValueOrDefault("PUT Receipts")
            + operations.GetValueOrDefault("POST TraceBlocks") + operations.GetValueOrDefault("PUT TraceBlocks")
            + (2 * (operations.GetValueOrDefault("PUT ServerlessTraceInstances") + operations.GetValueOrDefault("POST ServerlessTraceInstances")));
        double perTrace = (double)rows / traces;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{senders} sender(s): {requests} storage requests, {perThousand:F1} per 1,000 spans; {perTrace:F2} rows a trace; posted in {posted.TotalSeconds:F1} s, sealed after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s"));
        foreach ((string operation, long count) in operations.Where(pair => pair.Value > 0).OrderByDescending(pair => pair.Value))
        {
            output.WriteLine($"  {count} {operation}");
        }

        // Twice what is counted where nothing else runs: a slower machine needs more windows for as many posts.
        Assert.InRange(perThousand, 0, senders == 1 ? 30 : 16);
        Assert.InRange(perTrace, 1, 1.5);
    }

    private static async Task PostAllAsync(RunningService service, byte[][] bodies, int senders) =>
        await Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = senders }, async (body, _) =>
        {
            using HttpResponseMessage response = await service.PostAsync("v1/traces", body, "application/x-protobuf");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        });

    /// <summary>Waits until so many spans are in sealed traces, looking past the service: its own looks would be counted.</summary>
    private async Task SealedAsync(RunningService service, int spans)
    {
        var tables = new TableServiceClient(_azurite.ConnectionString);
        await Eventually.GetAsync(
            async () =>
            {
                await Task.Delay(200);
                long taken = 0;
                await foreach (TableEntity receipt in tables.GetTableClient("Receipts").QueryAsync<TableEntity>(select: ["Spans"]))
                {
                    taken += receipt.GetInt64("Spans") ?? 0;
                }

                int open = 0;
                await foreach (TableEntity _ in tables.GetTableClient("SpanChunks").QueryAsync<TableEntity>(select: ["PartitionKey"]))
                {
                    open++;
                }

                return (Taken: taken, Open: open);
            },
            state => state.Taken >= spans && state.Open == 0,
            $"{spans} spans sealed");
    }
}
