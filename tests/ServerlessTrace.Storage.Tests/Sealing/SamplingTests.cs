using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.Storage.Usage;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Faults;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Sealing;

/// <summary>What sampling leaves of sealed traces, and what it says of the others.</summary>
public sealed class SamplingTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private const int TraceCount = 200;

    [Fact]
    public async Task What_is_kept_counts_for_what_is_dropped_and_both_are_told()
    {
        Sampling.Rate = 0.25;
        Sampling.RareKept = 0;
        await WriteAsync("a", Ordinary(TraceCount));
        await SealAsync();

        StoredTrace[] kept = await KeptAsync();
        Assert.InRange(kept.Length, 25, 80);
        Assert.All(kept, trace => Assert.Equal(4, trace.Count.Value));
        Assert.Empty(await RowsAsync(Clients.SpanChunks));

        // Latency says how many there were, not how many are there.
        DateTimeOffset at = DateTimeOffset.UnixEpoch.AddTicks(TraceBuilder.Epoch / 100);
        double counted = (await new AggregateStore(Clients).ReadAsync(at.AddHours(-1), at.AddHours(1), CancellationToken.None))
            .Latency.All.Where(item => item.Series.Step == LatencyStep.Trace).Sum(item => item.Measures.Count.Value);
        Assert.Equal(4 * kept.Length, counted);
        Assert.Equal((TraceCount - kept.Length, 2 * (TraceCount - kept.Length)), await DroppedAsync());
    }

    [Fact]
    public async Task Spans_that_are_sent_again_change_nothing()
    {
        Sampling.Rate = 0.25;
        Sampling.RareKept = 0;
        await WriteAsync("a", Ordinary(TraceCount));
        await SealAsync();
        StoredTrace[] before = await KeptAsync();
        (long, long) dropped = await DroppedAsync();

        Clock.Advance(TimeSpan.FromSeconds(30));
        await WriteAsync("a", Ordinary(TraceCount));
        await SealAsync();

        Assert.Equal(before.Select(trace => (trace.Revision, trace.Count)), (await KeptAsync()).Select(trace => (trace.Revision, trace.Count)));
        Assert.Equal(dropped, await DroppedAsync());
    }

    [Fact]
    public async Task Late_spans_join_a_trace_that_was_kept_and_an_error_alone_comes_back_without_the_rest()
    {
        Sampling.Rate = 0.000_001;
        Sampling.RareKept = 0;
        TraceId failed = SpanBatches.IdIn(3, 0);
        TraceId gone = SpanBatches.IdIn(3, 1);
        await WriteAsync("a", SpanBatches.Join(
            new TraceBuilder(failed).Span(1, "gateway", "GET /orders", 0, 100, kind: SpanKind.Server).Failed("no").Flush(), SpanBatches.Complete(gone)));
        await SealAsync();
        Assert.NotNull(await Traces.FindAsync(failed, CancellationToken.None));
        Assert.Null(await Traces.FindAsync(gone, CancellationToken.None));

        await WriteAsync("late", SpanBatches.Join(
            new TraceBuilder(failed).Span(7, "orders", "late", 5, 6, parent: 1).Flush(), new TraceBuilder(gone).Span(7, "orders", "late", 5, 6, parent: 1).Failed("late").Flush()));
        Clock.Advance(TimeSpan.FromSeconds(11));
        await SealAsync();

        Assert.Equal(2, (await Traces.FindAsync(failed, CancellationToken.None))!.Revision);
        StoredTrace back = (await Traces.FindAsync(gone, CancellationToken.None))!;
        Assert.Equal((1, 1d), (back.Revision, back.Count.Value));
        Assert.DoesNotContain("GET /orders", SpanBatches.Describe(back.Packed), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Fault.DiesBefore)]
    [InlineData(Fault.DiesAfter)]
    public async Task Wherever_sealing_fails_the_same_are_kept_and_each_drop_is_told_once(Fault fault)
    {
        Sampling.Rate = 0.25;
        SpanBatch batch = SpanBatches.Join([.. Enumerable.Range(0, 12).Select(n => SpanBatches.Complete(SpanBatches.IdIn(3, n)))]);
        await WriteAsync("a", batch);
        await SealAsync();
        List<string> kept = await KeptIdsAsync();
        (long, long) dropped = await DroppedAsync();
        Assert.InRange(kept.Count, 1, 11);

        for (int n = 1; ; n++)
        {
            await InitializeAsync();
            await WriteAsync("a", batch);
            Requests.Fail(n, fault);
            try
            {
                await SealAsync();
            }
            catch (ProcessDiedException)
            {
                // The window's activity is called again.
            }

            bool failed = Requests.HasFailed;
            Requests.Clear();
            await SealAsync();
            Assert.Equal(kept, await KeptIdsAsync());
            Assert.Equal(dropped, await DroppedAsync());
            if (!failed)
            {
                break;
            }
        }
    }

    private static SpanBatch Ordinary(int traces) =>
        SpanBatches.Join([.. Enumerable.Range(0, traces).Select(n => SpanBatches.Complete(new TraceId(0x0af7651916cd43dd, (ulong)(n + 1) * 0x9E3779B97F4A7C15)))]);

    private async Task<List<string>> KeptIdsAsync() => [.. (await RowsAsync(Clients.Traces)).Select(row => row.RowKey).Order(StringComparer.Ordinal)];

    private async Task<StoredTrace[]> KeptAsync()
    {
        var kept = new List<StoredTrace>();
        foreach (string id in await KeptIdsAsync())
        {
            Assert.True(TraceId.TryParse(id, out TraceId trace));
            kept.Add((await Traces.FindAsync(trace, CancellationToken.None))!);
        }

        return [.. kept];
    }

    private async Task<(long Traces, long Spans)> DroppedAsync()
    {
        var store = new UsageStore(Clients, Receipts, new DroppedTraces(Clients), Clock);
        int hour = UsageStore.HourOf(Clock.GetUtcNow());
        IReadOnlyList<UsageHour> hours = await store.ReadAsync(hour - 2, hour + 1, CancellationToken.None);
        return (hours.SelectMany(item => item.Services).Sum(service => service.DroppedTraces), hours.SelectMany(item => item.Services).Sum(service => service.DroppedSpans));
    }
}
