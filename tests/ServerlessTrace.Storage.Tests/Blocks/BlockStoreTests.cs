using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Blocks;

public sealed class BlockStoreTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private const long Hour = 3_600_000_000_000;
    private static readonly BlockKey Key = new(492_258, new Shard(3), 1_772_128_800_000, 0);

    [Fact]
    public async Task Recording_twice_changes_nothing_and_the_higher_revision_wins()
    {
        await Blocks.PutAsync(Key, [Summary(1), Summary(2, revision: 3)], isNew: true, CancellationToken.None);
        await Blocks.PutAsync(Key, [Summary(1), Summary(2, revision: 2)], isNew: true, CancellationToken.None);
        var before = await RowsAsync(Clients.TraceBlocks);
        await Blocks.PutAsync(Key, [Summary(1)], isNew: false, CancellationToken.None);
        var unchanged = await RowsAsync(Clients.TraceBlocks);
        await Blocks.PutAsync(Key, [Summary(1, revision: 2), Summary(3)], isNew: false, CancellationToken.None);

        Assert.Equal(before.Single().ETag, unchanged.Single().ETag);
        Assert.Equal([(1, 2), (2, 3), (3, 1)], (await ReadAsync()).Select(summary => ((int)summary.TraceId.Low, summary.Revision)).Order());
    }

    [Fact]
    public async Task Writers_of_one_block_at_the_same_moment_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 12).Select(n =>
            Blocks.PutAsync(Key, [Summary(n), Summary(100, revision: n + 1)], isNew: n % 2 == 0, CancellationToken.None)));

        List<TraceSummary> summaries = await ReadAsync();
        Assert.Equal([.. Enumerable.Range(0, 12), 100], summaries.Select(summary => (int)summary.TraceId.Low).Order());
        Assert.Equal(12, summaries.Single(summary => summary.TraceId.Low == 100).Revision);
    }

    [Fact]
    public async Task A_block_too_big_for_a_row_goes_to_a_blob_and_takes_further_summaries()
    {
        var random = new Random(3);
        TraceSummary[] many = [.. Enumerable.Range(0, 300).Select(n => Summary(n) with { Operations = [random.GetHexString(5_000)] })];
        await Blocks.PutAsync(Key, many, isNew: true, CancellationToken.None);
        await Blocks.PutAsync(Key, [Summary(1_000)], isNew: true, CancellationToken.None);

        Assert.Equal(301, (await ReadAsync()).Count);
        Assert.Single(await SpilledBlobsAsync());
    }

    [Fact]
    public async Task A_summary_comes_back_as_it_was()
    {
        TraceSummary[] summaries =
        [
            Summary(1) with { StartUnixNano = 0, Environment = "prod", Services = ["a", "b", "root"], Operations = ["", "žluť", "a"], Status = TraceStatus.Error, ErrorCount = 3 },
            Summary(2) with { StartUnixNano = long.MaxValue, DurationNano = long.MaxValue, SpanCount = int.MaxValue, Services = [] },
            Summary(3) with { StartUnixNano = -5, TraceId = new TraceId(ulong.MaxValue, ulong.MaxValue) },
        ];
        await Blocks.PutAsync(Key, summaries, isNew: true, CancellationToken.None);

        Assert.Equivalent(summaries.OrderBy(summary => summary.StartUnixNano), await ReadAsync(), strict: true);
    }

    [Fact]
    public async Task Hours_come_newest_first_and_only_those_asked_for()
    {
        foreach (int hour in new[] { 0, 5, 6, 7, 492_258, 9_999_999 })
        {
            await Blocks.PutAsync(Key with { Hour = hour }, [Summary(hour) with { StartUnixNano = hour * Hour }], isNew: true, CancellationToken.None);
        }

        Assert.Equal([9_999_999, 492_258, 7, 6, 5, 0], await HoursAsync(0, int.MaxValue));
        Assert.Equal([6, 5], await HoursAsync(5, 6));
        Assert.Equal([5, 0], await HoursAsync(-1, 5));
        Assert.Empty(await HoursAsync(8, 100));
    }

    private async Task<List<int>> HoursAsync(int from, int to)
    {
        var hours = new List<int>();
        await foreach ((int hour, _) in Blocks.ReadHoursAsync(from, to, CancellationToken.None))
        {
            hours.Add(hour);
        }

        return hours;
    }

    private async Task<List<TraceSummary>> ReadAsync()
    {
        var all = new List<TraceSummary>();
        await foreach ((_, IReadOnlyList<TraceSummary> summaries) in Blocks.ReadHoursAsync(0, int.MaxValue, CancellationToken.None))
        {
            all.AddRange(summaries);
        }

        return all;
    }

    private static TraceSummary Summary(int n, int revision = 1) => new(
        new TraceId(7, (ulong)n), revision, (Key.Hour * Hour) + n, 5, TraceStatus.Ok, 2, 0, "root", "GET /", string.Empty, ["root"], ["GET /"]);
}
