using System.Text;
using System.Text.Json.Nodes;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Json;
using ServerlessTrace.Core.Alerting.Rules.Windows;

namespace ServerlessTrace.Core.Tests.Alerting;

/// <summary>Rules as people write them.</summary>
public sealed class RuleDocumentTests
{
    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var rule = (WindowRule)Read("""{"kind":"window","above":"500ms"}""");
        Assert.Equal("r", rule.Id);
        Assert.True(rule.Enabled);
        Assert.Equal(AlertSeverity.Warning, rule.Severity);
        Assert.Equal(Statistic.P95, rule.Statistic);
        Assert.Equal(TimeSpan.FromMinutes(5), rule.Window);
        Assert.Equal(["service"], rule.GroupBy);
        Assert.Equal(500, rule.Above!.Value.Value);
        Assert.Equal(10, rule.MinimumSamples);
        Assert.Equal(TimeSpan.FromHours(4), rule.RepeatInterval);
    }

    [Theory]
    [InlineData("""{"kind":"trace-duration","over":"2s","severity":"critical","description":"Slow","match":{"service":"api","environment":"production"}}""")]
    [InlineData("""{"kind":"span-duration","over":"1.5s","match":{"operation":"GET /","attributes":{"region":"eu"}},"group":{"by":["service"],"interval":"1h"}}""")]
    [InlineData("""{"kind":"error","enabled":false}""")]
    [InlineData("""{"kind":"missing-span","expect":{"service":"mail","operation":"send"}}""")]
    [InlineData("""{"kind":"attribute","key":"http.status","is":"at-least","value":"500"}""")]
    [InlineData("""{"kind":"window","statistic":"p99.9","above":"1s","groupBy":["service","operation","region"],"for":"5m","of":"traces"}""")]
    [InlineData("""{"kind":"window","statistic":"error-rate","above":"5%","minimumSamples":100,"window":"10m"}""")]
    [InlineData("""{"kind":"window","statistic":"throughput","below":"10/s","match":{"service":"api"}}""")]
    [InlineData("""{"kind":"baseline","statistic":"mean","against":"week","factor":3,"minimumEffect":"100ms"}""")]
    [InlineData("""{"kind":"outlier","statistic":"p50","history":24,"deviations":5}""")]
    [InlineData("""{"kind":"burn-rate","objective":99.5,"latency":"300ms"}""")]
    public void A_rule_reads_back_as_it_was_written(string json)
    {
        AlertRule rule = Read(json);
        byte[] written = RuleDocument.Write(rule);
        (AlertRule? again, IReadOnlyList<string> problems) = RuleDocument.Read(written, "r");
        Assert.Empty(problems);
        Assert.Equal(Encoding.UTF8.GetString(written), Encoding.UTF8.GetString(RuleDocument.Write(again!)));

        // All that was said is there.
        JsonObject all = JsonNode.Parse(written)!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse(json)!.AsObject())
        {
            if (value is JsonObject parts)
            {
                Assert.All(parts, part => Assert.True(JsonNode.DeepEquals(part.Value, all[name]![part.Key]), part.Key));
            }
            else
            {
                Assert.True(JsonNode.DeepEquals(value, all[name]) || name is "over" or "above", $"{name}: {all[name]}");
            }
        }
    }

    [Theory]
    [InlineData("{", "no JSON")]
    [InlineData("[]", "JSON object")]
    [InlineData("{}", "'kind' must be one of trace-duration, span-duration")]
    [InlineData("""{"kind":"windw"}""", "not 'windw'")]
    [InlineData("""{"kind":"window","abvoe":"500ms"}""", "'abvoe' is not known here. What is: ")]
    [InlineData("""{"kind":"window","above":"fast"}""", "'above' must be a limit such as 500ms, 5% or 10/s.")]
    [InlineData("""{"kind":"window","above":"5%"}""", "does not fit p95: write it like 500ms")]
    [InlineData("""{"kind":"window"}""", "either 'above' or 'below'")]
    [InlineData("""{"kind":"window","above":1,"below":2}""", "either 'above' or 'below'")]
    [InlineData("""{"kind":"window","above":1,"window":"90s"}""", "whole minutes from 1m to 1h")]
    [InlineData("""{"kind":"window","above":1,"statistic":"p42"}""", "'statistic' must be p50, p75")]
    [InlineData("""{"kind":"window","above":1,"severity":"bad"}""", "'severity' must be info, warning or critical")]
    [InlineData("""{"kind":"window","above":1,"severity":7}""", "'severity' must be info, warning or critical")]
    [InlineData("""{"kind":"window","above":1,"groupBy":"service"}""", "'groupBy' must be a list")]
    [InlineData("""{"kind":"window","above":1,"groupBy":null}""", "'groupBy' must be a list")]
    [InlineData("""{"kind":"window","above":1,"match":{"servcie":"x"}}""", "'match.servcie' cannot be read")]
    [InlineData("""{"kind":"window","above":1,"for":"5 parsecs"}""", "'for' must be a duration")]
    [InlineData("""{"kind":"window","above":1,"groupBy":["region","tenant"]}""", "may be about one attribute")]
    [InlineData("""{"kind":"window","above":1,"id":"other"}""", "'id' must be 'r'")]
    [InlineData("""{"kind":"window","above":1,"above":2}""", "no JSON")]
    [InlineData("""{"kind":"window","statistic":"throughput","below":"1/s"}""", "could not be seen otherwise")]
    [InlineData("""{"kind":"trace-duration"}""", "'over' must be a duration above zero")]
    [InlineData("""{"kind":"span-duration","over":"1s"}""", "which spans it is about")]
    [InlineData("""{"kind":"attribute","key":"a","is":"above","value":"x"}""", "'value' must be a number")]
    [InlineData("""{"kind":"attribute","key":"a","value":500}""", "'value' must be a text in quotes")]
    [InlineData("""{"kind":"missing-span","expect":{}}""", "'expect' needs a 'service' or an 'operation'")]
    [InlineData("""{"kind":"baseline","factor":1}""", "'factor' must be above 1")]
    [InlineData("""{"kind":"outlier","history":2}""", "'history' must be from 4 to 48")]
    [InlineData("""{"kind":"burn-rate","objective":90}""", "cannot burn 14.4 times too fast")]
    [InlineData("""{"kind":"burn-rate","objective":100}""", "'objective' must be from 50 to below 100")]
    public void A_rule_that_is_not_valid_is_refused_with_what_to_do(string json, string expected)
    {
        (AlertRule? rule, IReadOnlyList<string> problems) = RuleDocument.Read(Encoding.UTF8.GetBytes(json), "r");
        Assert.Null(rule);
        Assert.Contains(problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("a/b")]
    [InlineData("-a")]
    [InlineData("a\n")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Ids_are_safe_everywhere(string id) => Assert.False(RuleId.IsValid(id));

    private static AlertRule Read(string json)
    {
        (AlertRule? rule, IReadOnlyList<string> problems) = RuleDocument.Read(Encoding.UTF8.GetBytes(json), "r");
        Assert.Empty(problems);
        return rule!;
    }
}
