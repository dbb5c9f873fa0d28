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
    public void Operations_are_counted_without_the_ids_in_their_names()
    {
        TraceAggregates sum = Of(new TraceBuilder()
            .Span(1, "shop", "GET /orders/8f3c9a20", 0, 100).Span(2, "shop", "GET /orders/1a77bc03", 10, 20, parent: 1).Build());

        Assert.Equal(
            ["Span GET /orders/{id} 2", "Trace GET /orders/{id} 1"],
            sum.Latency.All.Select(item => $"{item.Series.Step} {item.Series.Operation} {item.Measures.Count}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Operations_of_a_service_are_bounded_and_what_is_taken_back_is_taken_from_where_it_went()
    {
        var sum = new TraceAggregates();
        for (int n = 0; n < 800; n++)
        {
            sum.Merge(One("many", n));
        }

        sum.Merge(One("few", 0));
        Assert.Equal(501, sum.Latency.All.Count(item => item.Series is { Service: "many", Step: LatencyStep.Span }));
        Assert.Equal(1, sum.Latency.All.Count(item => item.Series is { Service: "few", Step: LatencyStep.Span }));
        Assert.Equal(801, Spans(sum));

        // A read row knows which operations it has; those of traces that change are in it or among the others.
        var stored = new TraceAggregates();
        stored.Merge(sum);
        for (int n = 0; n < 800; n++)
        {
            var difference = new TraceAggregates();
            difference.Subtract(One("many", n));
            stored.Merge(difference);
        }

        Assert.Equal(["few"], stored.Latency.All.Select(item => item.Series.Service).Distinct());

        static TraceAggregates One(string service, int n) => Of(new TraceBuilder().Span(1, service, $"operation {Letters((ulong)n)}", 0, 10 + n).Build());
        static double Spans(TraceAggregates sum) => sum.Latency.All.Where(item => item.Series.Step == LatencyStep.Span).Sum(item => item.Measures.Count.Value);
    }

    [Fact]
    public void Operations_of_one_trace_are_bounded_and_none_is_lost()
    {
        var builder = new TraceBuilder().Span(1, "gateway", "root", 0, 10_000);
        for (ulong i = 2; i <= 2_500; i++)
        {
            builder.Span(i, "gateway", $"step {Letters(i)}", i, i + 1, parent: 1);
        }

        TraceAggregates sum = Of(builder.Build());

        // The trace; of the thousand that are looked at, five hundred and the others; all beyond.
        Assert.Equal(1 + 501 + 1, sum.Latency.All.Select(item => item.Series).Distinct().Count());
        Assert.Equal(2_500, sum.Latency.All.Where(item => item.Series.Step == LatencyStep.Span).Sum(item => item.Measures.Count.Value));
        Assert.Equal(2_000, sum.Latency.All.Where(item => item.Series.Operation == "(other operations)").Sum(item => item.Measures.Count.Value));
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
    public void What_was_merged_stays_as_it_was_however_often_it_is_merged()
    {
        TraceAggregates late = OfAttributes();
        TraceAggregates other = OfAttributes();
        byte[] before = Content(late);
        foreach (int attempt in Enumerable.Range(1, 3))
        {
            var sum = new TraceAggregates();
            sum.Merge(late);
            sum.Merge(other);
            sum.Subtract(other);
            sum.Merge(other);
            Assert.All(sum.Latency.All, item => Assert.Equal(2, item.Measures.Count.Value));
            Assert.All(sum.Attributes.All, item => Assert.Equal(2, item.Measures.Count.Value));
            Assert.All(sum.Dependencies.All, item => Assert.Equal(2, item.Measures.Count.Value));
            Assert.All(sum.Business.All, item => Assert.Equal(2, item.Measures.Count.Value));
            Assert.Equal(before, Content(late));
            Assert.Equal(before, Content(other));
        }

        static TraceAggregates OfAttributes() => TraceAggregates.Of(
            Checkout().Build(), Hour, AdjustedCount.One, AnalysisOptions.Default with { MeasuredAttributes = ["db.name"] });

        static byte[] Content(TraceAggregates sum)
        {
            using var bytes = new MemoryStream();
            using var writer = new BinaryWriter(bytes);
            sum.Latency.All.ToList().ForEach(item => item.Measures.Write(writer));
            sum.Attributes.All.ToList().ForEach(item => item.Measures.Write(writer));
            sum.Dependencies.All.ToList().ForEach(item => item.Measures.Write(writer));
            sum.Business.All.ToList().ForEach(item => item.Measures.Write(writer));
            writer.Flush();
            return bytes.ToArray();
        }
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

    /// <summary>A word for a number: a number would be taken for an id.</summary>
    private static string Letters(ulong n) => string.Create(4, n, static (letters, n) =>
    {
        for (int i = 0; i < letters.Length; i++, n /= 26)
        {
            letters[i] = (char)('a' + (n % 26));
        }
    });

    private static TraceBuilder Checkout() => new TraceBuilder()
        .Span(1, "gateway", "pay", 0, 100, kind: SpanKind.Server, status: SpanStatus.Error)
        .With("deployment.environment", "production", AttributeScope.Resource).With("amount", 99.5)
        .Span(2, "payments", "charge", 10, 90, parent: 1, status: SpanStatus.Error)
        .Span(3, "payments", "INSERT", 20, 30, parent: 2, kind: SpanKind.Client).With("db.system", "postgresql").With("db.name", "ledger");

    private static TraceAggregates Of(Trace trace) => TraceAggregates.Of(trace, Hour, AdjustedCount.One, AnalysisOptions.Default);
}
