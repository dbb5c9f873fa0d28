using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Packing;
using ServerlessTrace.Storage.Sealing;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Faults;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Sealing;

/// <summary>The process dies, or an answer is lost, at each request of a whole ingest and seal; doing it again gives the same as if nothing had happened.</summary>
public sealed class CrashTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private const int TheShard = 3;

    private static readonly SpanBatch First = SpanBatches.Join(
        SpanBatches.Complete(Id(0)),
        SpanBatches.Complete(Id(1), start: 7_200_000),
        SpanBatches.Started(Id(2)),
        SpanBatches.Big(Id(3), 700, 1_000));

    private static readonly SpanBatch Second = SpanBatches.Join(
        SpanBatches.Ended(Id(2)), SpanBatches.Complete(Id(4)), Late(Id(0)), Late(Id(3)), SpanBatches.Huge(Id(5)));

    [Theory]
    [InlineData(Fault.DiesBefore)]
    [InlineData(Fault.DiesAfter)]
    [InlineData(Fault.AnswerLost)]
    public async Task What_is_sealed_does_not_depend_on_where_it_failed(Fault fault)
    {
        await TakeInAsync(First, "a");
        StoredState firstExpected = await StoredState.ReadAsync(this);
        await TakeInAsync(Second, "b");
        StoredState secondExpected = await StoredState.ReadAsync(this);
        Assert.Equal([2, 1, 2, 2, 1, 1], Enumerable.Range(0, 6).Select(n => secondExpected.Sealed[Id(n)].Revision));
        Assert.Equal(6, secondExpected.Summaries.Count);

        int failures = 0;
        for (int n = 1; ; n++)
        {
            await InitializeAsync();
            bool failed = await FailAndRepeatAsync(First, "a", n, fault);
            firstExpected.AssertEquals(await StoredState.ReadAsync(this));
            failed |= await FailAndRepeatAsync(Second, "b", n, fault);
            secondExpected.AssertEquals(await StoredState.ReadAsync(this));
            if (!failed)
            {
                break;
            }

            failures++;
        }

        Assert.InRange(failures, 12, 60);
    }

    [Fact]
    public async Task A_revision_that_died_before_its_block_is_counted_before_the_next_one()
    {
        for (int n = 1; ; n++)
        {
            await InitializeAsync();
            await TakeInAsync(SpanBatches.Complete(Id(0)), "a");
            await WriteAsync("b", Late(Id(0)));
            Requests.Fail(n, Fault.DiesAfter);
            try
            {
                await SealShardAsync();
            }
            catch (ProcessDiedException)
            {
                // Before anybody goes on, more spans of the trace come.
            }

            bool failed = Requests.HasFailed;
            Requests.Clear();
            Clock.Advance(TimeSpan.FromSeconds(1));
            await WriteAsync("c", new TraceBuilder(Id(0)).Span(9_001, "orders", "later still", 7, 8, parent: 1).Flush());
            await SealShardAsync();

            // Reading checks that the aggregates are those of what is stored.
            Assert.Equal(4, (await StoredState.ReadAsync(this)).Sealed[Id(0)].Spans.Split('\n').Length);
            if (!failed)
            {
                Assert.InRange(n, 6, 40);
                break;
            }
        }
    }

    [Fact]
    public async Task What_a_sampled_trace_stands_for_is_kept_with_it_and_counts_when_late_spans_come()
    {
        SpanBatch spans = SpanBatches.Complete(Id(0));
        var trace = new Trace(spans, new SpanMerger().Merge(spans)[0]);
        var block = new BlockKey(BlockKey.HourOf(trace.Start), new Shard(TheShard), Clock.GetUtcNow().ToUnixTimeMilliseconds(), 0);
        ReadOnlyMemory<byte> packed = new SpanPacker().Pack(spans, 0, spans.Count).ToArray();
        await Traces.AddAsync([new SealedTrace(TraceSummary.Of(trace, 1), block, packed) { Count = AdjustedCount.Of(12.5) }], CancellationToken.None);

        await TakeInAsync(Late(Id(0)), "b");
        Assert.Equal(AdjustedCount.Of(12.5), (await Traces.FindAsync(Id(0), CancellationToken.None))!.Count);
        await StoredState.ReadAsync(this);
        TraceAggregates sum = await Aggregates.ReadAsync(Clock.GetUtcNow().AddHours(-1), Clock.GetUtcNow(), CancellationToken.None);
        Assert.All(sum.Latency.All, item => Assert.Equal(12.5, item.Measures.Count.Value));
    }

    private async Task<bool> FailAndRepeatAsync(SpanBatch batch, string source, int n, Fault fault)
    {
        bool written = false;
        Requests.Fail(n, fault);
        try
        {
            await WriteAsync(source, batch);
            written = true;
            await SealShardAsync();
        }
        catch (ProcessDiedException)
        {
            // Dead until the platform starts another process, a little later.
        }

        bool failed = Requests.HasFailed;
        Requests.Clear();
        Clock.Advance(TimeSpan.FromSeconds(1));
        if (!written)
        {
            // Only what was not acknowledged is delivered again.
            await WriteAsync(source, batch);
        }

        await SealShardAsync();
        return failed;
    }

    private async Task TakeInAsync(SpanBatch batch, string source)
    {
        await WriteAsync(source, batch);
        await SealShardAsync();
    }

    private Task<SealResult> SealShardAsync()
    {
        Clock.Advance(TimeSpan.FromSeconds(11));
        return NewSealer().SealAsync(new Shard(TheShard), Clock.GetUtcNow(), CancellationToken.None);
    }

    private static SpanBatch Late(TraceId id) => new TraceBuilder(id).Span(9_000, "orders", "late", 5, 6, parent: 1).Flush();

    private static TraceId Id(int n) => SpanBatches.IdIn(TheShard, n);
}
