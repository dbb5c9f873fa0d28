using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Analysis;

public class BusinessContextTests
{
    [Fact]
    public void Keys_are_found_however_they_are_spelled_and_in_the_order_that_is_configured()
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "a", "op", 0, 1)
            .With("payment.method", "card").With("orderId", "o-1").With("User-Id", "u-1").With("color", "red");

        Assert.Equal("user_id=u-1 order_id=o-1 payment_method=card", Describe(builder));
        Assert.Equal("color=red order_id=o-1", Describe(builder, "color", "order_id"));
    }

    [Fact]
    public void The_earliest_span_decides_its_own_attribute_before_baggage_before_an_event()
    {
        TraceBuilder builder = new TraceBuilder()
            .Span(1, "a", "op", 0, 9).With("order_id", "from-baggage", AttributeScope.Baggage).With("order_id", "own").Event("log", 1, ("user_id", "from-event"))
            .Span(2, "a", "op", 1, 8, parent: 1).With("order_id", "later").With("user_id", "own");

        Assert.Equal("user_id=own (+1) order_id=own (+2)", Describe(builder));
    }

    [Fact]
    public void Numbers_stay_numbers()
    {
        TraceAnalysis analysis = new(new TraceBuilder().Span(1, "a", "op", 0, 1).With("amount", 99.5).With("order_id", 42L).Build());

        Assert.Equal([AttributeKind.Int64, AttributeKind.Double], analysis.Business.Select(static fact => fact.Kind));
    }

    [Fact]
    public void The_same_value_as_text_and_as_number_counts_once()
    {
        TraceBuilder builder = new TraceBuilder()
            .Span(1, "a", "op", 0, 9).With("order_id", "42")
            .Span(2, "a", "op", 1, 8, parent: 1).With("order_id", 42L)
            .Span(3, "a", "op", 2, 7, parent: 2).With("order_id", 43L)
            .Span(4, "a", "op", 3, 6, parent: 3).With("order_id", "43");

        Assert.Equal("order_id=42 (+1)", Describe(builder));
    }

    private static string Describe(TraceBuilder builder, params string[] keys)
    {
        AnalysisOptions options = keys.Length == 0 ? AnalysisOptions.Default : new AnalysisOptions { BusinessKeys = keys };
        return string.Join(' ', new TraceAnalysis(builder.Build(), options).Business
            .Select(static fact => $"{fact.Key}={fact.Value}{(fact.OtherValues > 0 ? $" (+{fact.OtherValues})" : string.Empty)}"));
    }
}
