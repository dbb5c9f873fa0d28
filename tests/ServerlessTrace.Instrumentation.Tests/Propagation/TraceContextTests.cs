using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Instrumentation.Tests.Propagation;

/// <summary>W3C Trace Context Level 2, over headers as they come.</summary>
public sealed class TraceContextTests
{
    private const string Trace = Contexts.Trace;
    private const string Span = Contexts.Span;

    private static TextMapPropagator Http => TracePropagators.Http;

    [Theory]
    [InlineData($"00-{Trace}-{Span}-01", "01")]
    [InlineData($"00-{Trace}-{Span}-00", "00")]
    [InlineData($"00-{Trace}-{Span}-03", "03")]
    [InlineData($"00-{Trace}-{Span}-02", "02")]
    [InlineData($"cc-{Trace}-{Span}-01", "01")]
    [InlineData($"cc-{Trace}-{Span}-01-what-the-future-will-be-like", "01")]
    public void A_valid_parent_is_gone_on_with_and_its_random_flag_kept(string header, string flags)
    {
        PropagationContext context = Http.Extract(("traceparent", header));

        Assert.Equal($"{Trace}-{Span}-{flags}", context.Text());
        Assert.True(context.ActivityContext.IsRemote);
        Assert.Equal($"00-{Trace}-{Span}-{flags}", Http.Inject(context)["traceparent"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData($"ff-{Trace}-{Span}-01")]
    [InlineData($"00-{Trace}-{Span}-01-more")]
    [InlineData($"00-{Trace}-{Span}-01.")]
    [InlineData($"cc-{Trace}-{Span}-01.what-the-future-will-not-be-like")]
    [InlineData($"0-{Trace}-{Span}-01")]
    [InlineData($"000-{Trace}-{Span}-01")]
    [InlineData($".0-{Trace}-{Span}-01")]
    [InlineData($"0A-{Trace}-{Span}-01")]
    [InlineData($"00-00000000000000000000000000000000-{Span}-01")]
    [InlineData($"00-{Trace}-0000000000000000-01")]
    [InlineData($"00-.{Trace}-{Span}-01")]
    [InlineData($"00-0AF7651916CD43DD8448EB211C80319C-{Span}-01")]
    [InlineData($"00-0af7651916cd43dd8448eb211c80319-{Span}-01")]
    [InlineData($"00-{Trace}-b7ad6b716920333-01")]
    [InlineData($"00-{Trace}-B7AD6B7169203331-01")]
    [InlineData($"00-{Trace}-{Span}-0")]
    [InlineData($"00-{Trace}-{Span}-001")]
    [InlineData($"00-{Trace}-{Span}-.0")]
    [InlineData($"00_{Trace}_{Span}_01")]
    public void A_broken_parent_begins_a_new_trace_and_its_state_goes_with_it(string header)
    {
        PropagationContext context = Http.Extract(("traceparent", header), ("tracestate", "foo=1"));

        Assert.Equal("none", context.Text());
        Assert.Null(context.ActivityContext.TraceState);
        Assert.Empty(Http.Inject(context));
    }

    [Fact]
    public void Two_parents_are_none_even_if_they_agree()
    {
        Assert.Equal("none", Http.Extract(("traceparent", Contexts.Parent), ("traceparent", Contexts.Parent)).Text());
    }

    [Fact]
    public void A_broken_parent_harms_neither_baggage_nor_correlation()
    {
        PropagationContext context = Http.Extract(("traceparent", "nonsense"), ("baggage", "order_id=ord-789"), ("X-Correlation-Id", "tx-1"));

        Assert.Equal(("ord-789", "tx-1"), (context.Baggage.GetBaggage("order_id"), context.Baggage.GetBaggage("correlation_id")));
    }

    [Theory]
    [InlineData("foo=1", "foo=1")]
    [InlineData("foo=1 \t , \t bar=2", "foo=1,bar=2")]
    [InlineData("foo=1,", "foo=1")]
    [InlineData("", null)]
    [InlineData("foo@=1,bar=2", "foo@=1,bar=2")]
    [InlineData("foo", null)]
    [InlineData("FOO=1", null)]
    [InlineData("@foo=1", null)]
    [InlineData("foo =1", null)]
    [InlineData("foo=a=b", null)]
    [InlineData("foo.bar=1", null)]
    public void State_is_passed_on_or_discarded_whole(string header, string? passed)
    {
        PropagationContext context = Http.Extract(("traceparent", Contexts.Parent), ("tracestate", header));

        Assert.Equal($"{Trace}-{Span}-01", context.Text());
        Assert.Equal(passed, Http.Inject(context).GetValueOrDefault("tracestate"));
    }

    [Fact]
    public void States_of_several_headers_are_combined_in_their_order()
    {
        PropagationContext context = Http.Extract(("traceparent", Contexts.Parent), ("tracestate", "foo=1,bar=2"), ("tracestate", "rojo=1"));

        Assert.Equal("foo=1,bar=2,rojo=1", context.ActivityContext.TraceState);
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void State_has_32_members_at_most(int members, bool passes)
    {
        string header = string.Join(',', Enumerable.Range(1, members).Select(i => $"bar{i:d2}={i:d2}"));

        Assert.Equal(passes ? header : null, Http.Inject(Http.Extract(("traceparent", Contexts.Parent), ("tracestate", header))).GetValueOrDefault("tracestate"));
    }

    [Theory]
    [InlineData(256, 255, true)]
    [InlineData(1, 256, true)]
    [InlineData(257, 1, false)]
    [InlineData(1, 257, false)]
    public void Keys_and_values_of_state_have_256_characters_at_most(int key, int value, bool passes)
    {
        string header = $"{new string('k', key)}={new string('v', value)}";

        Assert.Equal(passes ? header : null, Http.Inject(Http.Extract(("traceparent", Contexts.Parent), ("tracestate", header))).GetValueOrDefault("tracestate"));
    }

    [Fact]
    public void Of_state_longer_than_512_characters_whole_members_are_passed_on()
    {
        string header = string.Join(',', Enumerable.Range(0, 4).Select(i => $"k{i}={new string('v', 200)}"));

        string passed = Http.Inject(Http.Extract(("traceparent", Contexts.Parent), ("tracestate", header)))["tracestate"];

        Assert.StartsWith(passed, header, StringComparison.Ordinal);
        Assert.EndsWith("v", passed, StringComparison.Ordinal);
        Assert.InRange(passed.Length, 400, 512);
    }
}
