using FsCheck.Xunit;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Tests.Analysis.Latency;

public class LatencyComparisonTests
{
    private static readonly LatencySeries Pay = new("payments", "charge", "", LatencyStep.Span);
    private static readonly LatencySeries Load = new("stock", "load", "", LatencyStep.Span);

    [Property(MaxTest = 100)]
    public void A_range_compared_with_itself_has_no_changes(int seed)
    {
        var random = new Random(seed);
        var table = new SeriesTable<LatencySeries, LatencyMeasures>();
        for (int i = 0; i < 200; i++)
        {
            var series = new LatencySeries($"s{random.Next(5)}", $"o{random.Next(5)}", "", LatencyStep.Span);
            table.At(series, random.Next(100)).Add(random.NextInt64(1L << random.Next(50)), random.Next(9) == 0, AdjustedCount.One);
        }

        Assert.Empty(LatencyComparison.Of(table, table));
    }

    [Fact]
    public void What_became_slower_comes_first_by_what_it_costs_and_what_stayed_is_left_out()
    {
        IReadOnlyList<LatencyChange> changes = LatencyComparison.Of(
            Table((Pay, 100, 10), (Load, 50, 10), (Load with { Operation = "same" }, 70, 10), (Load with { Operation = "gone" }, 1, 5)),
            Table((Pay, 140, 10), (Load, 60, 1000), (Load with { Operation = "same" }, 70, 10), (Load with { Operation = "new" }, 1, 7)));
        Assert.Equal(["load", "charge", "new", "gone"], changes.Select(change => change.Series.Operation));
        Assert.Equal(10_000e6, changes[0].CostNano, 1.0);
        Assert.Null(changes[2].Before);
        Assert.Null(changes[3].After);
    }

    [Fact]
    public void More_errors_are_a_change_though_nothing_became_slower()
    {
        SeriesTable<LatencySeries, LatencyMeasures> before = Table((Pay, 100, 10));
        SeriesTable<LatencySeries, LatencyMeasures> after = Table((Pay, 100, 9));
        after.At(Pay, 0).Add(100_000_000, failed: true, AdjustedCount.One);
        LatencyChange change = Assert.Single(LatencyComparison.Of(before, after));
        Assert.Equal(0, change.CostNano, 1.0);
        Assert.Equal(1, change.After!.Errors.Value);
    }

    private static SeriesTable<LatencySeries, LatencyMeasures> Table(params (LatencySeries Series, int Ms, int Times)[] series)
    {
        var table = new SeriesTable<LatencySeries, LatencyMeasures>();
        foreach ((LatencySeries key, int ms, int times) in series)
        {
            for (int i = 0; i < times; i++)
            {
                table.At(key, i % 3).Add(ms * 1_000_000L, failed: false, AdjustedCount.One);
            }
        }

        return table;
    }
}
