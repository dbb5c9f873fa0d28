using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.Jaeger;

public sealed class JaegerTests
{
    // In the shape of Jaeger's page: processes after the spans, warnings null.
    private const string Downloaded = """
        {"data":[{"traceID":"5b8efff798038103d269b633813fc60c","spans":[
          {"traceID":"5b8efff798038103d269b633813fc60c","spanID":"eee19b7ec3c1b174","flags":1,"operationName":"checkout",
           "references":[{"refType":"FOLLOWS_FROM","traceID":"5b8efff798038103d269b633813fc60c","spanID":"1111111111111111"},
                         {"refType":"CHILD_OF","traceID":"5b8efff798038103d269b633813fc60c","spanID":"eee19b7ec3c1b173"},
                         {"refType":"CHILD_OF","traceID":"00000000000000000000000000000abc","spanID":"2222222222222222"}],
           "startTime":1544712660000000,"duration":1500,
           "tags":[{"key":"span.kind","type":"string","value":"client"},{"key":"error","type":"bool","value":true},
                   {"key":"otel.status_description","type":"string","value":"no stock"},{"key":"retries","type":"int64","value":3},
                   {"key":"load","type":"float64","value":0.25},{"key":"raw","type":"binary","value":"AAEC"}],
           "logs":[{"timestamp":1544712660000500,"fields":[{"key":"event","type":"string","value":"error"},{"key":"error.kind","type":"string","value":"StockException"},
                   {"key":"message","type":"string","value":"none left"},{"key":"stack","type":"string","value":"at shop"}]}],
           "processID":"p1","warnings":["clock skew"]}],
         "processes":{"p1":{"serviceName":"shop","tags":[{"key":"hostname","type":"string","value":"node-1"}]}},"warnings":null}],
         "total":0,"limit":0,"offset":0,"errors":null}
        """;

    [Fact]
    public void A_span_keeps_everything_it_says()
    {
        ReadSource read = ReadSource.Of(Downloaded);
        Assert.Equal(SourceFormat.Jaeger, read.Statistics.Format);
        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal((1, 1, 0), (read.Statistics.Records, read.Statistics.SpanRecords, read.Statistics.ServiceFromSource));
        ReadSpan span = read.Only;
        Assert.Equal("5b8efff798038103d269b633813fc60c", span.TraceId);
        Assert.Equal(("eee19b7ec3c1b174", "eee19b7ec3c1b173"), (span.SpanId, span.ParentSpanId));
        Assert.Equal((1544712660000000_000, 1544712660001500_000), (span.Start, span.End));
        Assert.Equal(("shop", "checkout", SpanKind.Client), (span.Service, span.Name, span.Kind));
        Assert.Equal((SpanStatus.Error, "no stock"), (span.Status, span.StatusMessage));
        Assert.Equal(SpanFlags.Started | SpanFlags.Ended, span.Flags);
        Assert.Equal(["load", "raw", "retries"], span.Attributes.Keys);
        Assert.Equal(("double 0.25", "bytes AAEC", "int64 3"), (span.Attributes["load"], span.Attributes["raw"], span.Attributes["retries"]));
        Assert.Equal("node-1", span.Resource["hostname"]);
        Assert.Equal(("exception", 1544712660000500_000), (span.Event, span.EventTime));
        Assert.Equal("none left", span.EventAttributes["exception.message"]);
        Assert.Equal("StockException", span.EventAttributes["exception.type"]);
    }

    [Fact]
    public void A_text_is_the_value_of_the_type_that_its_tag_says()
    {
        // Jaeger writes integers that browsers cannot hold as texts, and stores everything so in Elasticsearch.
        ReadSpan span = ReadSource.Of("""
            {"traceID":"1","spans":[{"traceID":"1","spanID":"2","operationName":"x","startTime":"1544712660000000","duration":"1","processID":"p1","tags":[
             {"key":"big","type":"int64","value":"9007199254740993"},{"type":"float64","value":"0.5","key":"half"},{"key":"error","type":"bool","value":"true"},
             {"key":"no","type":"int64","value":"many"},{"key":"text","type":"string","value":"1"},{"key" : "odd\u0041", "value" : 1}, {"value":true,"key":"untyped","type":null},
             {"key":"twice","type":"string","value":"a"},{"key":"twice","type":"string","value":"b"},{"key":"none","type":"string","value":null},5]}],"processes":{"p1":{"serviceName":"s"}}}
            """).Only;
        Assert.Equal(("int64 9007199254740993", "double 0.5", SpanStatus.Error), (span.Attributes["big"], span.Attributes["half"], span.Status));
        Assert.Equal(("many", "1", "int64 1", "bool True", "b"), (span.Attributes["no"], span.Attributes["text"], span.Attributes["oddA"], span.Attributes["untyped"], span.Attributes["twice"]));
        Assert.Equal(7, span.Attributes.Count);
        Assert.Equal((1544712660000000_000, 1544712660000001_000), (span.Start, span.End));
    }

    [Fact]
    public void An_event_has_attributes_of_its_own_though_they_are_called_like_its_spans()
    {
        ReadSpan span = ReadSource.Of("""
            {"traceID":"1","spans":[{"traceID":"1","spanID":"2","operationName":"x","startTime":1544712660000000,"duration":1,"tags":[{"key":"a","type":"string","value":"span"}],
             "logs":[{"timestamp":1544712660000000,"fields":[{"key":"event","type":"string","value":"e"},{"key":"a","type":"string","value":"event"},{"key":"a","type":"string","value":"last"}]}],
             "process":{"serviceName":"own","tags":[{"key":"a","type":"string","value":"process"}]}}]}
            """).Only;
        Assert.Equal(("own", "span", "last", "process"), (span.Service, span.Attributes["a"], span.EventAttributes["a"], span.Resource["a"]));
    }

    [Fact]
    public void References_that_are_no_parent_become_links()
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> traces) = ReadTrace.All(Encoding.UTF8.GetBytes(Downloaded));
        SpanRecord span = batch[Assert.Single(traces).Start];
        Assert.Equal(
            ["1111111111111111 follows_from", "2222222222222222 child_of"],
            batch.Links(span).ToArray().Select(link => $"{link.SpanId} {batch.Text(batch.Attributes(link)[0].Text)}").Order());
    }

    [Fact]
    public void A_span_that_only_follows_from_another_hangs_on_it_without_blocking_it()
    {
        ReadSpan span = ReadSource.Of("""
            {"traceID":"1","spans":[{"traceID":"1","spanID":"2","operationName":"x","startTime":1544712660000000,"duration":1,
             "references":[{"refType":"FOLLOWS_FROM","traceID":"1","spanID":"3"}],"processID":"p1"}],"processes":{"p1":{"serviceName":"s"}}}
            """).Only;
        Assert.Equal("0000000000000003", span.ParentSpanId);
        Assert.True(span.Flags.HasFlag(SpanFlags.FollowsFrom));
    }

    [Fact]
    public void A_bare_trace_with_processes_first_is_read()
    {
        ReadSource read = ReadSource.Of("""
            {"processes":{"p1":{"serviceName":"s","tags":[]}},"traceID":"1","spans":[{"traceID":"1","spanID":"2","operationName":"x","startTime":1544712660000000,"duration":1,"processID":"p1"}]}
            """);
        Assert.Equal(SourceFormat.Jaeger, read.Statistics.Format);
        Assert.Equal("s", read.Only.Service);
    }

    [Fact]
    public void A_span_of_an_unknown_process_gets_the_name_of_the_source()
    {
        ReadSource read = ReadSource.Of("""
            {"traceID":"1","spans":[{"traceID":"1","spanID":"2","operationName":"x","startTime":1544712660000000,"duration":1,"processID":"p2"}],"processes":{"p1":{"serviceName":"s"}}}
            """);
        Assert.Equal("payment-service", read.Only.Service);
        Assert.Equal(1, read.Statistics.ServiceFromSource);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1000)]
    public void Spans_get_their_service_even_if_the_processes_come_batches_later(int spansPerBatch)
    {
        StringBuilder json = new("""{"data":[{"traceID":"1","spans":[""");
        for (int i = 1; i <= 100; i++)
        {
            json.Append(CultureInfo.InvariantCulture, $$"""{{(i > 1 ? "," : "")}}{"traceID":"1","spanID":"{{i:x}}","operationName":"x","references":[],"startTime":1544712660000000,"duration":1,"tags":[],"logs":[],"processID":"p{{i % 3}}"}""");
        }

        json.Append("""],"processes":{"p0":{"serviceName":"s0","tags":[{"key":"ip","type":"string","value":"::0"}]},"p1":{"serviceName":"s1"},"p2":{"serviceName":"s2"}}}]}""");
        ReadSource read = ReadSource.Of(json.ToString(), limits: new ReadLimits { SpansPerBatch = spansPerBatch });
        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal((100, 0), (read.Statistics.Records, read.Statistics.ServiceFromSource));
        for (int i = 1; i <= 100; i++)
        {
            ReadSpan[] parts = [.. read.Spans.Where(span => span.SpanId == $"{i:x16}")];
            Assert.Equal($"s{i % 3}", Assert.Single(parts, part => !part.Flags.HasFlag(SpanFlags.ServiceFromSource)).Service);
            Assert.Equal(i % 3 == 0, parts.Any(part => part.Resource.ContainsKey("ip")));
        }
    }

    [Fact]
    public void However_content_is_split_the_spans_are_the_same()
    {
        byte[] content = Encoding.UTF8.GetBytes(Downloaded);
        Assert.Equal(ReadSource.Of(content).Describe(), ReadSource.Of(new OneByteStream(content)).Describe());
    }

    [Fact]
    public void A_bad_span_leaves_the_others()
    {
        ReadSource read = ReadSource.Of("""
            {"traceID":"1","spans":[{"traceID":"zz","spanID":"1"},{"traceID":"1","spanID":"2","operationName":"x","startTime":1544712660000000,"duration":1,"processID":"p1"},
            {"traceID":"1","spanID":"3","operationName":"no time"}],"processes":{"p1":{"serviceName":"s"}}}
            """);
        Assert.Equal("s", read.Only.Service);
        Assert.Equal(2, read.Statistics.Rejected);
    }

    [Fact]
    public void The_critical_path_vectors_are_read_as_the_traces_they_are()
    {
        using System.Text.Json.JsonDocument vectors = System.Text.Json.JsonDocument.Parse(
            File.ReadAllText(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Analysis"), "critical-path*.json").Single()));
        int traces = 0;
        foreach (System.Text.Json.JsonElement vector in vectors.RootElement.EnumerateArray())
        {
            foreach (System.Text.Json.JsonProperty property in vector.EnumerateObject().Where(p => p.Value.ValueKind == System.Text.Json.JsonValueKind.Object && p.Value.TryGetProperty("data", out _)))
            {
                ReadSource read = ReadSource.Of(property.Value.GetRawText());
                Assert.Equal(SourceFormat.Jaeger, read.Statistics.Format);
                Assert.Empty(read.Statistics.Rejections);
                Assert.Equal(0, read.Statistics.ServiceFromSource);
                traces++;
            }
        }

        Assert.Equal(14, traces);
    }
}
