using System.Text;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Json;
using ServerlessTrace.Core.Alerting.Rules.Traces;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Alerting;

/// <summary>What trace rules find in a trace: a shop that calls a bank, which fails; a mail that never ended.</summary>
public sealed class TraceRuleTests
{
    [Theory]
    [InlineData("""{"kind":"trace-duration","over":"999ms"}""", "shop checkout took 1.000s")]
    [InlineData("""{"kind":"trace-duration","over":"1s"}""", null)]
    [InlineData("""{"kind":"trace-duration","over":"10ms","match":{"service":"bank"}}""", "shop checkout took 1.000s")]
    [InlineData("""{"kind":"trace-duration","over":"10ms","match":{"service":"Bank"}}""", null)]
    [InlineData("""{"kind":"trace-duration","over":"10ms","match":{"service":"bank","operation":"checkout"}}""", null)]
    [InlineData("""{"kind":"trace-duration","over":"10ms","match":{"environment":"production"}}""", "shop checkout took 1.000s")]
    [InlineData("""{"kind":"trace-duration","over":"10ms","match":{"environment":"staging"}}""", null)]
    [InlineData("""{"kind":"trace-duration","over":"10ms","enabled":false}""", null)]
    [InlineData("""{"kind":"span-duration","over":"100ms","match":{"service":"bank"}}""", "bank pay took 400ms")]
    [InlineData("""{"kind":"span-duration","over":"400ms","match":{"service":"bank"}}""", null)]
    [InlineData("""{"kind":"span-duration","over":"10ms","match":{"attributes":{"region":"eu"}}}""", "bank pay took 400ms")]
    [InlineData("""{"kind":"span-duration","over":"10ms","match":{"attributes":{"region":"us"}}}""", null)]
    [InlineData("""{"kind":"error"}""", "bank pay failed: card declined")]
    [InlineData("""{"kind":"error","match":{"service":"shop"}}""", null)]
    [InlineData("""{"kind":"missing-span"}""", "mail send never ended")]
    [InlineData("""{"kind":"missing-span","match":{"operation":"checkout"},"expect":{"service":"stock"}}""", "shop checkout without a span of stock")]
    [InlineData("""{"kind":"missing-span","match":{"operation":"checkout"},"expect":{"service":"bank","operation":"pay"}}""", null)]
    [InlineData("""{"kind":"missing-span","match":{"operation":"checkout"},"expect":{"operation":"send"}}""", "mail send never ended")]
    [InlineData("""{"kind":"missing-span","match":{"operation":"refund"},"expect":{"service":"stock"}}""", null)]
    [InlineData("""{"kind":"attribute","key":"amount","is":"above","value":"99.5"}""", "bank pay has amount = 100")]
    [InlineData("""{"kind":"attribute","key":"amount","is":"at-least","value":"100"}""", "bank pay has amount = 100")]
    [InlineData("""{"kind":"attribute","key":"amount","is":"above","value":"100"}""", null)]
    [InlineData("""{"kind":"attribute","key":"amount","is":"below","value":"100"}""", null)]
    [InlineData("""{"kind":"attribute","key":"region","value":"eu"}""", "bank pay has region = eu")]
    [InlineData("""{"kind":"attribute","key":"region","is":"not-equal","value":"eu"}""", null)]
    [InlineData("""{"kind":"attribute","key":"region","is":"contains","value":"e"}""", "bank pay has region = eu")]
    [InlineData("""{"kind":"attribute","key":"region","is":"above","value":"1"}""", null)]
    [InlineData("""{"kind":"attribute","key":"region","is":"present","match":{"service":"shop"}}""", null)]
    [InlineData("""{"kind":"attribute","key":"größe","is":"present"}""", "mail send has größe = XL")]
    [InlineData("""{"kind":"attribute","key":"gro","is":"present"}""", null)]
    public void A_rule_finds_what_it_is_about(string json, string? expected)
    {
        (AlertRule? rule, IReadOnlyList<string> problems) = RuleDocument.Read(Encoding.UTF8.GetBytes(json), "r");
        Assert.Empty(problems);
        TraceFinding? found = ((TraceRule)rule!).Find(Checkout());

        Assert.Equal(expected, found is null ? null : $"{found.Service} {found.Operation} {found.What}");
    }

    [Fact]
    public void A_missing_parent_is_a_missing_span()
    {
        Trace trace = new TraceBuilder().Span(2, "bank", "pay", 0, 10, parent: 1).Build();
        TraceFinding? found = new MissingSpanRule { Id = "r" }.Find(trace);

        Assert.Equal("without its parent 0000000000000001", found?.What);
    }

    private static Trace Checkout() => new TraceBuilder()
        .Span(1, "shop", "checkout", 0, 1_000, kind: SpanKind.Server).With("deployment.environment.name", "production", AttributeScope.Resource)
        .Span(2, "bank", "pay", 100, 500, parent: 1, kind: SpanKind.Client).With("amount", 100L).With("region", "eu").Failed("card declined")
        .Span(3, "mail", "send", 600, null, parent: 1).With("größe", "XL")
        .Build();
}
