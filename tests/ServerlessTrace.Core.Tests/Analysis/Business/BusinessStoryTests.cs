using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Reports.Story;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Analysis.Business;

public class BusinessStoryTests
{
    [Fact]
    public void A_story_tells_who_called_what_when_and_with_which_result()
    {
        string text = StoryText.Of(Story(Paid()));
        Assert.Equal(
            """
            order_id = ord-7: 1 trace

            2026-02-26T18:00:00Z  trace 0af7651916cd43dd8448eb211c80319c  ERROR  100ms
              order_id: ord-7
              2026-02-26T18:00:00Z  gateway: POST /orders  OK (100ms)
              2026-02-26T18:00:00.01Z  gateway → payments: charge  ERROR (80ms): DECLINED: no money

            """.ReplaceLineEndings("\n"),
            text);
    }

    [Fact]
    public void Names_and_values_are_inert_in_text_and_markdown()
    {
        BusinessStory story = Story(new TraceBuilder().Span(1, "ga|te\nway", "<b>x</b> | y", 0, 10).With("order_id", "a\u001b[31m|`b`"));
        Assert.DoesNotContain('\u001b', StoryText.Of(story));
        Assert.DoesNotContain("te\nway", StoryText.Of(story), StringComparison.Ordinal);
        string markdown = StoryMarkdown.Of(story);
        Assert.DoesNotContain("<b>", markdown, StringComparison.Ordinal);
        string row = markdown.Split('\n').Single(line => line.Contains("te\\\\nway", StringComparison.Ordinal));
        Assert.Equal(4, row.Count(unit => unit == '|'));
    }

    [Fact]
    public void The_json_says_the_same()
    {
        var bytes = new ArrayBufferWriter<byte>();
        StoryJson.Write(bytes, Story(Paid()), nextCursor: "next");
        JsonNode json = JsonNode.Parse(Encoding.UTF8.GetString(bytes.WrittenSpan))!;
        Assert.Equal("next", (string)json["nextCursor"]!);
        JsonNode step = json["traces"]![0]!["steps"]![1]!;
        Assert.Equal(("gateway", "payments", "ERROR", "DECLINED: no money"), ((string)step["caller"]!, (string)step["service"]!, (string)step["result"]!, (string)step["reason"]!));
    }

    [Fact]
    public void A_big_trace_tells_its_failures_and_how_many_steps_it_leaves_out()
    {
        var builder = new TraceBuilder().Span(1, "gateway", "batch", 0, 10_000);
        for (ulong i = 2; i <= 1_000; i++)
        {
            builder.Span(i, "worker", "item", i, i + 1, parent: 1, status: i == 900 ? SpanStatus.Error : SpanStatus.Ok);
        }

        StoryTrace trace = StoryTrace.Of(new TraceAnalysis(builder.Build()));
        Assert.Equal((StoryTrace.MaxSteps, 800), (trace.Steps.Count, trace.StepsLeftOut));
        Assert.Contains(trace.Steps, step => step.Result == "ERROR");
    }

    [Fact]
    public void An_attribute_is_found_anywhere_in_a_trace_however_its_name_is_written()
    {
        Core.Assembly.Trace trace = Paid().Event("checked", 20, ("http.route", "/pay")).Build();
        Assert.True(TraceAttributes.Has(trace, "orderId", "ord-7"));
        Assert.True(TraceAttributes.Has(trace, "http.route", "/pay"));
        Assert.False(TraceAttributes.Has(trace, "order_id", "ord-8"));
        Assert.False(TraceAttributes.Has(trace, "order", "ord-7"));
    }

    private static TraceBuilder Paid() => new TraceBuilder()
        .Span(1, "gateway", "POST /orders", 0, 100, kind: SpanKind.Server, status: SpanStatus.Ok).With("order_id", "ord-7")
        .Span(2, "payments", "charge", 10, 90, parent: 1).Failed("no money", "DECLINED")
        .Span(3, "payments", "inner", 20, 30, parent: 2);

    private static BusinessStory Story(TraceBuilder trace) => new("order_id", "ord-7", [StoryTrace.Of(new TraceAnalysis(trace.Build()))]);
}
