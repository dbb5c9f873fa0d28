using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Instrumentation.Tests.Propagation;

public sealed class CorrelationPropagatorTests
{
    [Fact]
    public void Ids_are_headers_over_http_and_fields_elsewhere_and_baggage_within()
    {
        var context = Contexts.Of(baggage: [("correlation_id", "tx-123456"), ("request_id", "req-789012")]);

        Dictionary<string, string> http = TracePropagators.Http.Inject(context);
        Dictionary<string, string> message = TracePropagators.Messages.Inject(context);

        Assert.Equal(("tx-123456", "req-789012"), (http["X-Correlation-Id"], http["X-Request-Id"]));
        Assert.Equal(("tx-123456", "req-789012"), (message["correlation_id"], message["request_id"]));
        Assert.Equal("tx-123456", TracePropagators.Http.Extract([.. message.Select(field => (field.Key, field.Value))]).Baggage.GetBaggage("correlation_id"));
    }

    [Theory]
    [InlineData("tx 1")]
    [InlineData("tx\r\nSet-Cookie: a=b")]
    [InlineData("<script>")]
    [InlineData("'; DROP TABLE orders")]
    [InlineData("\u202e")]
    [InlineData("")]
    public void What_is_no_id_is_ignored(string id)
    {
        Assert.Equal(0, TracePropagators.Http.Extract(("X-Correlation-Id", id), ("X-Request-Id", new string('x', 129))).Baggage.Count);
    }

    [Fact]
    public void The_header_counts_before_the_baggage_entry()
    {
        Assert.Equal("new", TracePropagators.Http.Extract(("baggage", "correlation_id=old"), ("X-Correlation-Id", "new")).Baggage.GetBaggage("correlation_id"));
    }
}
