using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Correlation;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Instrumentation.Tests.Propagation;

/// <summary>W3C Baggage, within its limits.</summary>
public sealed class BaggageTests
{
    private static TextMapPropagator Http => TracePropagators.Http;

    [Theory]
    [InlineData("order_id=ord-789", "order_id", "ord-789")]
    [InlineData("a=1 , order_id = ord-789 ;ttl=5;secret, b=2", "order_id", "ord-789")]
    [InlineData("name=%E2%82%AC%20and%2Cmore", "name", "€ and,more")]
    [InlineData("plus=a+b", "plus", "a+b")]
    [InlineData("eq=a=b", "eq", "a=b")]
    [InlineData("bad=%FF", "bad", "\uFFFD")]
    [InlineData("=1,novalue,x=1", "x", "1")]
    [InlineData("a=1,a=2", "a", "2")]
    public void Entries_are_read_as_the_specification_says(string header, string name, string value)
    {
        Assert.Equal(value, Http.Extract(("baggage", header)).Baggage.GetBaggage(name));
    }

    [Fact]
    public void Several_headers_are_one_list()
    {
        PropagationContext context = Http.Extract(("baggage", "a=1"), ("baggage", "b=2"));

        Assert.Equal(("1", "2"), (context.Baggage.GetBaggage("a"), context.Baggage.GetBaggage("b")));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",,,")]
    [InlineData(";;=;,")]
    public void Nonsense_is_no_baggage(string header) => Assert.Equal(0, Http.Extract(("baggage", header)).Baggage.Count);

    [Fact]
    public void The_limits_that_everybody_has_to_keep_pass_whole()
    {
        string header = string.Join(',', Enumerable.Range(0, 64).Select(i => $"k{i:d2}={new string('v', 123)}"));
        Assert.Equal(8_191, header.Length);

        Assert.Equal(header, string.Join(',', Http.Inject(Http.Extract(("traceparent", Contexts.Parent), ("baggage", header)))["baggage"].Split(',').Order()));
    }

    [Fact]
    public void What_is_over_the_limits_is_cut_between_members_and_not_thrown_away()
    {
        string many = string.Join(',', Enumerable.Range(0, 200).Select(i => $"k{i}=v"));
        Assert.Equal(64, Http.Extract(("baggage", many)).Baggage.Count);

        PropagationContext big = Http.Extract(("baggage", $"first=1,huge={new string('x', 9_000)},last=2"));
        Assert.Equal(("1", null, "2"), (big.Baggage.GetBaggage("first"), big.Baggage.GetBaggage("huge"), big.Baggage.GetBaggage("last")));
    }

    [Fact]
    public void Business_ids_go_first_when_there_is_too_much()
    {
        var entries = Enumerable.Range(0, 100).Select(i => ($"k{i}", new string('v', 200))).Append(("order_id", "ord-789")).ToArray();

        string header = Http.Inject(Contexts.Of(baggage: entries))["baggage"];

        Assert.StartsWith("order_id=ord-789,", header, StringComparison.Ordinal);
        Assert.InRange(header.Length, 7_900, 8_192);
    }

    [Fact]
    public void Only_business_ids_leave_the_house_where_that_is_asked_for()
    {
        TextMapPropagator outside = TracePropagators.CreateHttp(ids: new BusinessIds("order_id"), onlyIds: true);

        Assert.Equal("order_id=1", outside.Inject(Contexts.Of(baggage: [("tier", "gold"), ("order_id", "1")]))["baggage"]);
    }

    [Property]
    public Property Whatever_arrives_what_is_sent_on_is_within_the_limits() => Prop.ForAll(
        ArbMap.Default.ArbFor<(NonEmptyString Name, NonNull<string> Value)[]>(),
        entries =>
        {
            PropagationContext context = Http.Extract(
                [("traceparent", Contexts.Parent), .. entries.Select(entry => ("baggage", $"{entry.Name.Get}={Uri.EscapeDataString(entry.Value.Get)}"))]);
            string sent = Http.Inject(context).GetValueOrDefault("baggage", string.Empty);
            return sent.Length <= 8_192 && sent.Split(',').Length <= 64 && sent.All(letter => letter is > ' ' and < '\u007f');
        });
}
