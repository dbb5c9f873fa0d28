using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Faults;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Sealing;

/// <summary>Optimistic writes are lost wherever one is tried again; the sums are those of what is stored, and the same as if none had been lost.</summary>
public sealed class LostWriteTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private const int TheShard = 3;

    [Theory]
    [InlineData(WriteLoss.Refused)]
    [InlineData(WriteLoss.AnswerLost)]
    public async Task Each_write_may_be_lost_once_and_nothing_is_counted_twice(WriteLoss loss)
    {
        Measure();
        StoredState[] expected = await RunAsync(spills: true);
        await InitializeAsync();

        Lost.LoseEach(loss);
        StoredState[] actual = await RunAsync(spills: true);
        Assert.InRange(Lost.Losses, 12, 100);
        AssertSame(expected, actual);
    }

    [Theory]
    [InlineData(WriteLoss.Refused)]
    [InlineData(WriteLoss.AnswerLost)]
    public async Task Any_one_write_may_be_lost_and_nothing_is_counted_twice(WriteLoss loss)
    {
        Measure();
        StoredState[] expected = await RunAsync(spills: false);
        int lost = 0;
        for (int n = 1; ; n++)
        {
            await InitializeAsync();
            Lost.LoseOnly(n, loss);
            StoredState[] actual = await RunAsync(spills: false);
            AssertSame(expected, actual);
            if (Lost.Losses == 0)
            {
                break;
            }

            lost++;
        }

        Assert.InRange(lost, 12, 100);
    }

    [Theory]
    [InlineData(WriteLoss.Refused)]
    [InlineData(WriteLoss.AnswerLost)]
    public async Task Erased_traces_leave_their_sums_though_each_write_is_lost_once(WriteLoss loss)
    {
        Measure();
        await SealAsync("a", SpanBatches.Join(Order(0), Order(1), Order(2)));
        IReadOnlyList<string> before = (await StoredState.ReadAsync(this)).Aggregates;
        BlockKey block = (await Traces.FindAsync(Id(0), CancellationToken.None))!.Block;

        Lost.LoseEach(loss);
        Assert.True(await Blocks.RemoveAsync(block, new HashSet<TraceId> { Id(0) }, static _ => false, CancellationToken.None) || loss == WriteLoss.AnswerLost);
        Assert.Equal(1, Lost.Losses);
        Lost.LoseNone();
        await Traces.DeleteAsync([Id(0)], [], CancellationToken.None);
        Assert.Equal(before, StoredState.Describe(await SumAsync()));
    }

    private void Measure() => Analysis = AnalysisOptions.Default with { MeasuredAttributes = ["region"] };

    /// <summary>All that changes blocks: new traces, late spans of several at once, of merged ones too, and blocks that a sealer died before.</summary>
    private async Task<StoredState[]> RunAsync(bool spills)
    {
        var states = new List<StoredState>();
        SpanBatch last = spills ? SpanBatches.Huge(Id(9)) : Order(9);
        await SealAsync("a", SpanBatches.Join(Order(0), Order(1), Order(2), last));
        await SealAsync("b", SpanBatches.Join(Order(3), Late(0, 5), Late(1, 5), Late(2, 5), Late(9, 5)));
        states.Add(await ReadAsync());

        // Rows without their block: a sealer died in between.
        await SealAsync("c", SpanBatches.Join(Order(4), Order(5)));
        BlockKey block = (await Traces.FindAsync(Id(4), CancellationToken.None))!.Block;
        await Clients.TraceBlocks.DeleteEntityAsync(block.PartitionKey, block.RowKey);
        await SealAsync("d", SpanBatches.Join(Late(4, 5), Late(5, 5)));
        states.Add(await ReadAsync());

        Clock.Advance(TimeSpan.FromHours(2));
        for (int run = 0; run < 3; run++)
        {
            await Compaction.CompactAsync(100, CancellationToken.None);
        }

        await SealAsync("e", SpanBatches.Join(Late(0, 6), Late(3, 6)));
        states.Add(await ReadAsync());
        return [.. states];
    }

    private async Task<StoredState> ReadAsync()
    {
        // Reading checks that the sums are those of what is stored.
        StoredState state = await StoredState.ReadAsync(this);
        Assert.Equal(state.Aggregates, StoredState.Describe(await SumAsync()));
        return state;
    }

    private Task<TraceAggregates> SumAsync() =>
        Aggregates.ReadAsync(DateTimeOffset.UnixEpoch.AddTicks(TraceBuilder.Epoch / 100).AddHours(-1), Clock.GetUtcNow(), CancellationToken.None);

    private static void AssertSame(StoredState[] expected, StoredState[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i].AssertEquals(actual[i]);
        }
    }

    /// <summary>Seals a source; once more, since a chunk whose deletion was lost is left to the next run.</summary>
    private async Task SealAsync(string source, SpanBatch batch)
    {
        await WriteAsync(source, batch);
        for (int run = 0; run < 2; run++)
        {
            Clock.Advance(TimeSpan.FromSeconds(11));
            await NewSealer().SealAsync(new Shard(TheShard), Clock.GetUtcNow(), CancellationToken.None);
        }
    }

    private static SpanBatch Order(int n) => new TraceBuilder(Id(n))
        .Span(1, "gateway", "POST /orders", n, n + 100, kind: SpanKind.Server, status: n % 2 == 0 ? SpanStatus.Error : SpanStatus.Ok)
        .With("order_id", $"ord-{n}").With("amount", 9.5 + n).With("region", "eu")
        .Span(2, "orders", "load", n + 10, n + 60, parent: 1)
        .Flush();

    private static SpanBatch Late(int n, int at) => new TraceBuilder(Id(n))
        .Span((ulong)(9_000 + at), "payments", "refund", at, at + 1, parent: 1, status: SpanStatus.Error).With("region", "us").Flush();

    private static TraceId Id(int n) => SpanBatches.IdIn(TheShard, n);
}
