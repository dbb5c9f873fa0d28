using Azure.Data.Tables;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Search;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Faults;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Blocks;

public sealed class BlockCompactionTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private static readonly int Hour = BlockKey.HourOf(TraceBuilder.Epoch);

    [Fact]
    public async Task An_hour_that_is_over_becomes_one_row_that_is_found_measured_and_searched_as_before()
    {
        for (int n = 0; n < 120; n++)
        {
            await SealAsync(n, Ordered(n));
        }

        StoredState before = await StoredState.ReadAsync(this);
        Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(120, await Compaction.CompactAsync(100, CancellationToken.None));

        Assert.Equal(1, await MergedRowsAsync());
        before.AssertEquals(await StoredState.ReadAsync(this));
        TracePage page = await Search.FindAsync(new TraceQuery { Limit = 500 }, CancellationToken.None);
        Assert.Equal(120, page.Traces.Count);
        Assert.Equal(before.Aggregates, StoredState.Describe(await Aggregates.ReadAsync(At(0), At(60), CancellationToken.None)));
        Assert.Equal([Id(77)], await FindAsync("order_id", "ord-77"));
        Assert.Equal(120, (await FindAsync("currency", "EUR")).Count);
        Assert.Equal(0, await Compaction.CompactAsync(100, CancellationToken.None));
    }

    [Fact]
    public async Task A_value_that_very_many_traces_have_is_found_through_their_summaries()
    {
        await SealAsync(0, SpanBatches.Join([.. Enumerable.Range(0, 510).Select(Ordered)]));
        await SealAsync(1, Ordered(510));
        Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(2, await Compaction.CompactAsync(100, CancellationToken.None));
        Assert.Equal(511, (await FindAsync("currency", "EUR")).Count);
        Assert.Equal([Id(300)], await FindAsync("order.id", "ord-300"));
        Assert.Empty(await FindAsync("order_id", "ord-3000"));
    }

    [Fact]
    public async Task An_hour_that_is_not_over_is_merged_only_where_it_has_many_rested_blocks()
    {
        for (int n = 0; n < 70; n++)
        {
            await SealAsync(n, Ordered(n));
        }

        StoredState before = await StoredState.ReadAsync(this);
        Assert.Equal(0, await Compaction.CompactAsync(100, CancellationToken.None));
        Clock.Advance(BlockCompaction.Rest - TimeSpan.FromSeconds(20));
        Assert.Equal(68, await Compaction.CompactAsync(100, CancellationToken.None));
        before.AssertEquals(await StoredState.ReadAsync(this));
    }

    [Fact]
    public async Task A_late_span_of_a_merged_block_is_counted_and_found()
    {
        await SealAsync(0, Ordered(0));
        await SealAsync(1, Ordered(1));
        Clock.Advance(TimeSpan.FromHours(2));
        await Compaction.CompactAsync(100, CancellationToken.None);

        SpanBatch late = new TraceBuilder(Id(0)).Span(9, "payments", "refund", 5, 6, parent: 1).With("payment_id", "pay-late").Flush();
        await SealAsync(2, late);

        // The invariant is checked while reading: what all blocks add up to is what is stored.
        StoredState stored = await StoredState.ReadAsync(this);
        Assert.Equal(2, stored.Sealed[Id(0)].Revision);
        Assert.Equal(2, stored.Summaries.Count);
        Assert.Equal(1, await MergedRowsAsync());
        Assert.Equal([Id(0)], await FindAsync("payment_id", "pay-late"));
    }

    [Theory]
    [InlineData(Fault.DiesBefore)]
    [InlineData(Fault.DiesAfter)]
    [InlineData(Fault.AnswerLost)]
    public async Task Merging_may_fail_at_every_request_and_repeats_to_the_same(Fault fault)
    {
        int failures = 0;
        for (int n = 1; ; n++)
        {
            await InitializeAsync();
            await SealAsync(0, SpanBatches.Join(Ordered(0), SpanBatches.Huge(Id(9))));
            await SealAsync(1, Ordered(1));
            await SealAsync(2, Ordered(2));
            StoredState before = await StoredState.ReadAsync(this);
            Clock.Advance(TimeSpan.FromHours(2));
            Requests.Fail(n, fault);
            try
            {
                await Compaction.CompactAsync(100, CancellationToken.None);
            }
            catch (ProcessDiedException)
            {
                // The next run goes on.
            }

            bool failed = Requests.HasFailed;
            Requests.Clear();
            before.AssertEquals(await StoredState.ReadAsync(this));
            await Compaction.CompactAsync(100, CancellationToken.None);
            before.AssertEquals(await StoredState.ReadAsync(this));
            Assert.Equal(1, await MergedRowsAsync());
            Assert.Equal([Id(1)], await FindAsync("order_id", "ord-1"));
            if (!failed)
            {
                break;
            }

            failures++;
        }

        Assert.InRange(failures, 8, 40);
    }

    [Fact]
    public async Task Merging_while_others_merge_and_late_spans_come_counts_everything_once()
    {
        for (int n = 0; n < 12; n++)
        {
            await SealAsync(n, Ordered(n));
        }

        for (int n = 0; n < 12; n += 2)
        {
            await WriteAsync($"late-{n}", new TraceBuilder(Id(n)).Span(9, "payments", "refund", 5, 6, parent: 1).Flush());
        }

        Clock.Advance(TimeSpan.FromHours(2));
        await Task.WhenAll(
            Compaction.CompactAsync(100, CancellationToken.None),
            NewSealer().SealAsync(new Shard(3), Clock.GetUtcNow(), CancellationToken.None),
            Compaction.CompactAsync(100, CancellationToken.None),
            NewSealer().SealAsync(new Shard(3), Clock.GetUtcNow(), CancellationToken.None));

        // The invariant is checked while reading: what all blocks add up to is what is stored.
        StoredState stored = await StoredState.ReadAsync(this);
        Assert.Equal(Enumerable.Range(0, 12).Select(n => n % 2 == 0 ? 2 : 1), Enumerable.Range(0, 12).Select(n => stored.Sealed[Id(n)].Revision));
        await Compaction.CompactAsync(100, CancellationToken.None);
        stored.AssertEquals(await StoredState.ReadAsync(this));
    }

    [Fact]
    public async Task Sealing_again_what_died_before_its_block_finds_it_merged_meanwhile()
    {
        await SealAsync(0, Ordered(0));
        await SealAsync(1, Ordered(1));
        StoredState before = await StoredState.ReadAsync(this);
        BlockKey block = (await Traces.FindAsync(Id(0), CancellationToken.None))!.Block;
        BlockEntry entry = await EntryAsync(0);
        Clock.Advance(TimeSpan.FromHours(2));
        await Compaction.CompactAsync(100, CancellationToken.None);

        await Blocks.RecordAsync(block, [entry], CancellationToken.None);
        await Blocks.AddAsync(block, [entry], entry.Contribution(), CancellationToken.None);
        before.AssertEquals(await StoredState.ReadAsync(this));
        Assert.Equal(1, await MergedRowsAsync());
    }

    private static SpanBatch Ordered(int n) => new TraceBuilder(Id(n))
        .Span(1, "gateway", "POST /orders", n, n + 100, kind: SpanKind.Server)
        .With("order_id", $"ord-{n}").With("currency", "EUR").With("amount", 9.5 + n)
        .Span(2, "orders", "load", n + 10, n + 60, parent: 1)
        .Flush();

    private static TraceId Id(int n) => SpanBatches.IdIn(3, n);

    private static DateTimeOffset At(int minute) => DateTimeOffset.FromUnixTimeSeconds((Hour * 3600L) + (minute * 60));

    private async Task SealAsync(int source, SpanBatch batch)
    {
        await WriteAsync($"{source}", batch);
        Clock.Advance(TimeSpan.FromSeconds(11));
        await NewSealer().SealAsync(new Shard(3), Clock.GetUtcNow(), CancellationToken.None);
    }

    /// <summary>How many rows the blocks are in, all of them merged.</summary>
    private async Task<int> MergedRowsAsync()
    {
        List<TableEntity> rows = await RowsAsync(Clients.TraceBlocks);
        Assert.All(rows, row => Assert.StartsWith(MergedBlockKey.First, row.RowKey, StringComparison.Ordinal));
        return rows.Count(row => MergedBlockRow.Read(row).Count > 0);
    }

    private async Task<List<TraceId>> FindAsync(string key, string value) =>
        [.. (await Index.FindAsync(BusinessMark.Of(key, value), Hour - 1, Hour + 1, CancellationToken.None)).Keys.Order()];

    private async Task<BlockEntry> EntryAsync(int n)
    {
        Core.Assembly.Trace trace = (await new TraceLoader(Traces, Chunks).FindAsync(Id(n), CancellationToken.None))!.Trace;
        return new BlockEntry(
            Storage.Traces.TraceSummary.Of(trace, 1),
            () => Core.Analysis.Aggregates.TraceAggregates.Of(trace, Hour, Core.Analysis.Latency.AdjustedCount.One, Core.Analysis.AnalysisOptions.Default));
    }
}
