using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Spans;

public sealed class DistinctTracesTests
{
    [Fact]
    public void Traces_are_counted_exactly_as_long_as_they_can_be_kept()
    {
        var traces = new DistinctTraces();
        traces.Add(Ids(0, DistinctTraces.Kept));
        traces.Add(Ids(100, 1_000));

        Assert.Equal(DistinctTraces.Kept, traces.Count);
        Assert.True(traces.IsExact);
    }

    [Theory]
    [InlineData(70_000)]
    [InlineData(1_000_000)]
    public void More_of_them_are_estimated_within_a_few_percent(int count)
    {
        var traces = new DistinctTraces();
        traces.Add(Ids(0, count));
        long once = traces.Count;
        traces.Add(Ids(count / 2, count / 2));

        Assert.False(traces.IsExact);
        Assert.Equal(once, traces.Count);
        Assert.InRange(traces.Count, count * 0.97, count * 1.03);
    }

    [Fact]
    public void Counts_of_parts_add_up_whatever_they_share()
    {
        var first = new DistinctTraces();
        first.Add(Ids(0, 200_000));
        var second = new DistinctTraces();
        second.Add(Ids(199_000, 3_000));
        second.Add(first);

        Assert.InRange(second.Count, 202_000 * 0.97, 202_000 * 1.03);
    }

    [Fact]
    public void It_does_not_matter_which_half_of_an_id_differs()
    {
        var high = new DistinctTraces();
        high.Add(Enumerable.Range(0, 200_000).Select(number => new TraceId((ulong)number, 7)));

        Assert.InRange(high.Count, 200_000 * 0.97, 200_000 * 1.03);
    }

    private static IEnumerable<TraceId> Ids(int from, int count) =>
        Enumerable.Range(from, count).Select(number => new TraceId(1, (ulong)number));
}
