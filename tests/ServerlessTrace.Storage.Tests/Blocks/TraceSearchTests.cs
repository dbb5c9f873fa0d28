using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Search;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Blocks;

public sealed class TraceSearchTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private const long Minute = 60_000_000_000;
    private const int FirstHour = 492_258;
    private const long Epoch = FirstHour * 60 * Minute;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    [InlineData(41)]
    public async Task Pages_cover_everything_once_the_newest_first(int limit)
    {
        List<TraceSummary> all = await RecordAsync(40);

        List<TraceSummary> paged = await AllPagesAsync(new TraceQuery { Limit = limit });

        Assert.Equal(all.OrderByDescending(trace => trace.StartUnixNano).ThenBy(trace => trace.TraceId).Select(trace => trace.TraceId), paged.Select(trace => trace.TraceId));
    }

    [Fact]
    public async Task A_time_range_includes_its_ends_and_nothing_else()
    {
        List<TraceSummary> all = await RecordAsync(40);
        long from = Epoch + (20 * Minute);
        long to = Epoch + (150 * Minute);

        List<TraceSummary> found = await AllPagesAsync(new TraceQuery { FromUnixNano = from, ToUnixNano = to, Limit = 3 });

        Assert.Equal(all.Where(trace => trace.StartUnixNano >= from && trace.StartUnixNano <= to).Select(trace => trace.TraceId).Order(), found.Select(trace => trace.TraceId).Order());
        Assert.Contains(found, trace => trace.StartUnixNano == from);
        Assert.Contains(found, trace => trace.StartUnixNano == to);
    }

    [Fact]
    public async Task Every_filter_keeps_what_it_says()
    {
        List<TraceSummary> all = await RecordAsync(40);
        (TraceQuery Query, Func<TraceSummary, bool> Expected)[] cases =
        [
            (new TraceQuery { Service = "s1" }, trace => trace.Services.Contains("s1")),
            (new TraceQuery { Operation = "op2" }, trace => trace.Operations.Contains("op2")),
            (new TraceQuery { Status = TraceStatus.Error }, trace => trace.Status == TraceStatus.Error),
            (new TraceQuery { Environment = "prod" }, trace => trace.Environment == "prod"),
            (new TraceQuery { MinDurationNano = 10, MaxDurationNano = 20 }, trace => trace.DurationNano is >= 10 and <= 20),
            (new TraceQuery { Service = "s1", Environment = "prod", Status = TraceStatus.Ok }, trace => trace.Services.Contains("s1") && trace.Environment == "prod" && trace.Status == TraceStatus.Ok),
            (new TraceQuery { Service = "S1" }, _ => false),
        ];

        foreach ((TraceQuery query, Func<TraceSummary, bool> expected) in cases)
        {
            List<TraceSummary> found = await AllPagesAsync(query with { Limit = 4 });
            Assert.Equal(all.Where(expected).Select(trace => trace.TraceId).Order(), found.Select(trace => trace.TraceId).Order());
        }
    }

    [Fact]
    public async Task A_trace_whose_start_moved_to_the_hour_before_is_found_by_its_start()
    {
        TraceSummary moved = Summary(1) with { StartUnixNano = Epoch - Minute };
        await Blocks.PutAsync(new BlockKey(FirstHour, Shard.Of(moved.TraceId), 1, 0), [moved], isNew: true, CancellationToken.None);

        Assert.Single(await AllPagesAsync(new TraceQuery { FromUnixNano = Epoch - (2 * Minute), ToUnixNano = Epoch - 1 }));
        Assert.Empty(await AllPagesAsync(new TraceQuery { FromUnixNano = Epoch }));
    }

    [Fact]
    public void A_cursor_survives_a_url_and_nonsense_is_refused()
    {
        var cursor = new TraceCursor(FirstHour, -5, SpanBatches.IdIn(3, 0));

        Assert.Equal(cursor, TraceCursor.TryParse(cursor.ToString()));
        Assert.Equal(cursor.ToString(), Uri.EscapeDataString(cursor.ToString()));
        Assert.All(["", "x", "MS4y", "' or 1 eq 1", new string('A', 300), "MS4yLnp6"], text => Assert.Null(TraceCursor.TryParse(text)));
    }

    private async Task<List<TraceSummary>> AllPagesAsync(TraceQuery query)
    {
        var search = Search;
        var all = new List<TraceSummary>();
        TraceCursor? cursor = null;
        do
        {
            TracePage page = await search.FindAsync(query with { Cursor = cursor }, CancellationToken.None);
            Assert.InRange(page.Traces.Count, 0, query.Limit);
            all.AddRange(page.Traces);
            Assert.InRange(all.Count, 0, 1_000);
            cursor = page.Next is null ? null : TraceCursor.TryParse(page.Next.ToString());
        }
        while (cursor is not null);
        return all;
    }

    /// <summary>Traces ten minutes apart, every other at the same moment as the one before, over several hours, shards and blocks.</summary>
    private async Task<List<TraceSummary>> RecordAsync(int count)
    {
        List<TraceSummary> all = [.. Enumerable.Range(0, count).Select(Summary)];
        foreach (var block in all.GroupBy(trace => new BlockKey(BlockKey.HourOf(trace.StartUnixNano), Shard.Of(trace.TraceId), trace.SpanCount % 2, 0)))
        {
            await Blocks.PutAsync(block.Key, [.. block], isNew: true, CancellationToken.None);
        }

        return all;
    }

    private static TraceSummary Summary(int n) => new(
        SpanBatches.IdIn(n % 4, n / 4),
        1,
        Epoch + (n / 2 * 10 * Minute),
        n,
        n % 5 == 0 ? TraceStatus.Error : TraceStatus.Ok,
        n + 1,
        0,
        "root",
        "GET /",
        n % 3 == 0 ? "prod" : string.Empty,
        ["root", $"s{n % 4}"],
        ["GET /", $"op{n % 6}"]);
}
