using Azure.Data.Tables;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;
using ServerlessTrace.Storage.Rows;
using ServerlessTrace.Storage.Sealing;
using ServerlessTrace.Storage.Search;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;
using Xunit.Abstractions;

namespace ServerlessTrace.Storage.Tests.Costs;

/// <summary>What the benchmark's load costs in storage: counted, not timed.</summary>
public sealed class StorageCostTests(AzuriteFixture azurite, ITestOutputHelper output) : StorageTest(azurite)
{
    private const int Spans = 10_000;
    private const int TraceCount = Spans / 10;

    [Fact]
    public async Task A_source_of_ten_thousand_spans_is_sealed_and_searchable_within_its_budgets()
    {
        SpanBatch batch = SpanBatches.Generated(Spans, LoadShape.Benchmark);
        Requests.Clear();

        await WriteAsync("a", batch);
        int open = (await RowsAsync(Clients.SpanChunks)).Count;
        SealResult result = await SealAsync();
        int requests = Requests.Count;

        Assert.Equal(new SealResult(TraceCount, 0, 0, 0), result);
        TracePage page = await Search.FindAsync(new TraceQuery { Limit = 2_000 }, CancellationToken.None);
        Assert.Equal(TraceCount, page.Traces.Count);

        List<TableEntity> traces = await RowsAsync(Clients.Traces);
        List<TableEntity> blocks = await RowsAsync(Clients.TraceBlocks);
        Assert.Empty(await SpilledBlobsAsync());
        double bytesPerSpan = (double)(traces.Sum(EntitySize.Of) + blocks.Sum(EntitySize.Of)) / Spans;
        double rowsPerTrace = (double)((2 * open) + traces.Count + blocks.Count) / TraceCount;
        double packedPerSpan = (double)traces.Sum(row => PackedProperties.Read(row).Length) / Spans;

        output.WriteLine($"{bytesPerSpan:F1} bytes a span ({packedPerSpan:F1} packed, {(double)blocks.Sum(EntitySize.Of) / Spans:F1} in blocks), {rowsPerTrace:F3} rows a trace, {requests} requests");

        // The budget is 150, of which what is not packed spans may take little; the rest is for the packing to save.
        Assert.True(bytesPerSpan - packedPerSpan <= 17, $"{bytesPerSpan - packedPerSpan:F1} bytes a span beside {packedPerSpan:F1} of packed spans");
        Assert.True(bytesPerSpan <= 150, $"{bytesPerSpan:F1} bytes a span, {(double)blocks.Sum(EntitySize.Of) / Spans:F1} of them in blocks, {rowsPerTrace:F2} rows a trace, {requests} requests");
        Assert.True(rowsPerTrace <= 1.5, $"{rowsPerTrace:F2} rows a trace");
        Assert.True(requests <= 150, $"{requests} requests:\n{string.Join('\n', Requests.Requests)}");
    }

    [Fact]
    public async Task An_instance_that_starts_where_everything_is_there_asks_three_times()
    {
        Requests.Clear();

        await Clients.EnsureCreatedAsync(CancellationToken.None);

        Assert.InRange(Requests.Count, 1, 3);
        Assert.All(Requests.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Late_spans_of_many_traces_cost_few_writes()
    {
        SpanBatch batch = SpanBatches.Generated(Spans, LoadShape.Benchmark);
        await WriteAsync("a", SpanBatches.Where(batch, span => span.SpanId.Value % 4 != 0));
        Clock.Advance(TimeSpan.FromSeconds(11));
        await SealAsync();
        await WriteAsync("b", SpanBatches.Where(batch, span => span.SpanId.Value % 4 == 0));
        Clock.Advance(TimeSpan.FromSeconds(11));
        Requests.Clear();
        SealResult result = await SealAsync();

        Assert.InRange(result.Resealed, 800, TraceCount);
        int writes = Requests.Requests.Count(request => !request.StartsWith("GET ", StringComparison.Ordinal));
        Assert.True(writes <= 80, $"{writes} writes:\n{string.Join('\n', Requests.Requests)}");
    }
}
