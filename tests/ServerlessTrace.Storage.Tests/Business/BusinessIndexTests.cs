using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Business;

public sealed class BusinessIndexTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private const int Hour = 492_258;

    [Fact]
    public async Task Values_that_somebody_chose_to_fall_into_one_part_are_listed_all_the_same()
    {
        // The upper byte of a mark is its part: more marks than a row of one part holds.
        TraceSummary[] traces = [.. Enumerable.Range(0, 7_000).Select(number => Summary(number, [.. Enumerable.Range(0, 6).Select(mark => new BusinessMark((number * 6) + mark))]))];
        await Index.AddAsync("block", Hour, traces, CancellationToken.None);
        await Index.AddAsync("block", Hour, traces, CancellationToken.None);

        foreach (int number in (int[])[0, 3_000, 6_999])
        {
            Dictionary<TraceId, IndexedTrace> found = await Index.FindAsync(new BusinessMark((number * 6) + 1), Hour - 1, Hour + 1, CancellationToken.None);
            Assert.Equal(Hour, Assert.Contains(traces[number].TraceId, found).Hour);
            Assert.Single(found);
        }

        Assert.Equal(2, (await RowsAsync(Clients.BusinessKeys)).Count);
        Assert.Equal(2, await Index.DeleteOlderAsync(0, 1, DateTimeOffset.UtcNow.AddYears(100), CancellationToken.None));
    }

    [Fact]
    public void A_trace_with_a_service_a_span_lists_the_first_services_in_its_summary()
    {
        var builder = new TraceBuilder();
        for (int i = 0; i < 600; i++)
        {
            builder.Span((ulong)i + 1, $"made-up-{i}", "step", i, i + 1);
        }

        SpanBatch batch = builder.Flush();
        var summary = TraceSummary.Of(new Trace(batch, new SpanMerger().Merge(batch)[0]), revision: 1);

        Assert.Equal(500, summary.Services.Count);
        Assert.Equal("made-up-499", summary.Services[^1]);
    }

    private static TraceSummary Summary(int number, IReadOnlyList<BusinessMark> marks) =>
        new(new TraceId(7, (ulong)number + 1), 1, Hour * 3_600_000_000_000L, 1, TraceStatus.Ok, 1, 0, "shop", "op", string.Empty, ["shop"], ["op"]) { Business = marks };
}
