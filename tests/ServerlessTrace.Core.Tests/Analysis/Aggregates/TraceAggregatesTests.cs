using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Analysis.Aggregates;

public class TraceAggregatesTests
{
    private const int Hour = (int)(TraceBuilder.Epoch / 3_600_000_000_000);

    [Fact]
    public void A_trace_counts_as_its_root_and_each_span_as_itself()
    {
        TraceAggregates sum = Of(Checkout().Build());
        Assert.Equal(
            ["Span gateway pay 1/1", "Span payments INSERT 1/0", "Span payments charge 1/1", "Trace gateway pay 1/1"],
            sum.Latency.All.Select(item => $"{item.Series.Step} {item.Series.Service} {item.Series.Operation} {item.Measures.Count}/{item.Measures.Errors}")
                .Order(StringComparer.Ordinal));
        Assert.All(sum.Latency.All, item => Assert.Equal("production", item.Series.Environment));
    }

    [Fact]
    public void A_call_to_another_service_and_to_a_database_is_a_dependency()
    {
        DependencyGraph graph = DependencyGraph.Of(Of(Checkout().Build()));
        Assert.Equal(
            ["gateway>payments 1/1", "payments>postgresql/ledger 1/0"],
            graph.Edges.Select(edge => $"{edge.Caller.Name}>{edge.Callee.Name} {edge.Calls}/{edge.Errors}"));
    }

    [Fact]
    public void What_a_sampled_trace_stands_for_counts_everywhere()
    {
        Trace trace = Checkout().Build();
        TraceAggregates sum = TraceAggregates.Of(trace, Hour, AdjustedCount.Of(20), AnalysisOptions.Default);
        Assert.All(sum.Latency.All, item => Assert.Equal(20, item.Measures.Count.Value));
        Assert.All(sum.Dependencies.All, item => Assert.Equal(20, item.Measures.Count.Value));
        Assert.Equal(20 * 99.5, sum.Business.All.Single().Measures.Sum, 3);
    }

    [Fact]
    public void A_number_is_measured_unless_its_key_is_an_identifiers()
    {
        TraceAggregates sum = Of(new TraceBuilder().Span(1, "gateway", "pay", 0, 10).With("amount", "12.5").With("user_id", 42L).With("currency", "EUR").Build());
        (BusinessSeries series, _, ValueMeasures measures) = sum.Business.All.Single();
        Assert.Equal(new BusinessSeries("amount", "gateway", TraceStatus.Ok), series);
        Assert.Equal((1, 12.5), (measures.Count.Value, measures.Sum));
    }

    [Fact]
    public void Operations_of_one_trace_are_bounded_and_none_is_lost()
    {
        var builder = new TraceBuilder().Span(1, "gateway", "root", 0, 10_000);
        for (ulong i = 2; i <= 2_500; i++)
        {
            builder.Span(i, "gateway", $"step {i}", i, i + 1, parent: 1);
        }

        TraceAggregates sum = Of(builder.Build());
        Assert.Equal(1_002, sum.Latency.All.Select(item => item.Series).Distinct().Count());
        Assert.Equal(2_500, sum.Latency.All.Where(item => item.Series.Step == LatencyStep.Span).Sum(item => item.Measures.Count.Value));
        Assert.Equal(1_500, sum.Latency.All.Where(item => item.Series.Operation == "(other operations)").Sum(item => item.Measures.Count.Value));
    }

    [Fact]
    public void A_revision_contributes_its_difference_to_the_former_one()
    {
        TraceAggregates former = Of(new TraceBuilder().Span(1, "gateway", "pay", 0, null).Build());
        TraceAggregates next = Of(Checkout().Build());
        TraceAggregates difference = Of(Checkout().Build());
        difference.Subtract(former);

        TraceAggregates sum = Of(new TraceBuilder().Span(1, "gateway", "pay", 0, null).Build());
        sum.Merge(difference);
        sum.Subtract(next);
        Assert.True(sum.IsEmpty);
    }

    [Fact]
    public void Minutes_are_merged_into_steps()
    {
        var table = new SeriesTable<LatencySeries, LatencyMeasures>();
        var series = new LatencySeries("a", "b", "", LatencyStep.Span);
        for (int minute = 100; minute < 112; minute++)
        {
            table.At(series, minute).Add(5, failed: false, AdjustedCount.One);
        }

        table.Coarsen(100, 5);
        Assert.Equal([(100, 5.0), (105, 5.0), (110, 2.0)], table.All.Select(item => (item.Minute, item.Measures.Count.Value)).Order());
    }

    private static TraceBuilder Checkout() => new TraceBuilder()
        .Span(1, "gateway", "pay", 0, 100, kind: SpanKind.Server, status: SpanStatus.Error)
        .With("deployment.environment", "production", AttributeScope.Resource).With("amount", 99.5)
        .Span(2, "payments", "charge", 10, 90, parent: 1, status: SpanStatus.Error)
        .Span(3, "payments", "INSERT", 20, 30, parent: 2, kind: SpanKind.Client).With("db.system", "postgresql").With("db.name", "ledger");

    private static TraceAggregates Of(Trace trace) => TraceAggregates.Of(trace, Hour, AdjustedCount.One, AnalysisOptions.Default);
}
