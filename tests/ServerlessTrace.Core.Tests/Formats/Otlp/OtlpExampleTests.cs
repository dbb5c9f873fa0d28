using System.Text;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.Otlp;

public class OtlpExampleTests
{
    private const string Ids = "\"traceId\":\"5B8EFFF798038103D269B633813FC60C\",\"spanId\":\"EEE19B7EC3C1B174\"";

    [Fact]
    public void The_example_of_opentelemetry_proto_is_read()
    {
        OtlpSource source = OtlpSource.Of(File("proto-example"));
        Assert.Equal(SourceFormat.OtlpJson, source.Statistics.Format);
        Assert.Equal(
            "5b8efff798038103d269b633813fc60c/eee19b7ec3c1b174<eee19b7ec3c1b173 2,0,67 1544712660000000000..1544712661000000000 reported+1=0 'my.service' 'I'm a server span' '' '' "
            + "shared{'my.scope.attribute':0,2,2='some scope attribute';'otel.scope.name':0,2,2='my.library';'otel.scope.version':0,2,2='1.0.0';} own{'my.span.attr':0,0,2='some value';}",
            Assert.Single(source.Lines));
    }

    [Theory]
    [InlineData("default", 1)]
    [InlineData("example_trace", 5)]
    [InlineData("scope_attributes_trace", 1)]
    public void Jaegers_examples_are_read(string name, int spans)
    {
        OtlpSource source = OtlpSource.Of(File(name));
        Assert.Equal(spans, source.Statistics.SpanRecords);
        Assert.Empty(source.Statistics.Rejections);
        Assert.All(source.Lines, static line => Assert.Equal(3, line.Split(" event ").Length));
    }

    [Fact]
    public void Scope_attributes_keep_their_kinds()
    {
        string line = Assert.Single(OtlpSource.Of(File("scope_attributes_trace")).Lines);
        Assert.Contains("'sameplacescopeattribute2':1,2,2=123;'sameplacescopeattribute4':3,2,2=1;", line, StringComparison.Ordinal);
        Assert.Contains("'scopeblob':5,2,2='AAAwOQ==';'otel.scope.name':0,2,2='testing-library';", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Spans_of_a_scope_share_its_attributes()
    {
        SpanBatch batch = new();
        OtlpRequest.ReadTraces(Encoding.UTF8.GetBytes(File("example_trace")), isJson: true, batch);
        Assert.Equal(batch[2].SharedStart, batch[4].SharedStart);
        Assert.Equal("example-service-1", batch.Text(batch[3].Service));
        Assert.Equal(SpanKind.Client, batch[4].Kind);
    }

    [Fact]
    public void A_span_without_an_end_is_open()
    {
        OtlpSource source = OtlpSource.Of(Document("{" + Ids + ",\"name\":\"work\",\"startTimeUnixNano\":5}"));
        Assert.Contains(" 0,0,69 5..0 ", Assert.Single(source.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"spanId\":\"EEE19B7EC3C1B174\",\"startTimeUnixNano\":1}", "$.resourceSpans[0].scopeSpans[0].spans[0]: no traceId")]
    [InlineData("{\"traceId\":\"5B8EFFF798038103D269B633813FC60C\",\"startTimeUnixNano\":1}", "spans[0]: no spanId")]
    [InlineData("{\"traceId\":\"xx\",\"startTimeUnixNano\":1}", "spans[0].traceId: expected 32 hex digits")]
    [InlineData("{\"traceId\":17}", "spans[0].traceId: expected 32 hex digits")]
    [InlineData("{" + Ids + "}", "no startTimeUnixNano")]
    [InlineData("{" + Ids + ",\"startTimeUnixNano\":\"soon\"}", "spans[0]: no startTimeUnixNano")]
    [InlineData("{" + Ids + ",\"startTimeUnixNano\":1,\"name\":tru}", "not JSON at byte")]
    [InlineData("17", "spans[0]: expected an object, not '1'")]
    public void A_malformed_span_is_rejected_with_its_path_and_the_next_one_kept(string span, string reason)
    {
        const string Good = "{" + Ids + ",\"startTimeUnixNano\":\"1\",\"endTimeUnixNano\":\"2\"}";
        OtlpSource source = OtlpSource.Of(Document(span + "," + Good));
        Assert.Single(source.Lines);
        Rejection rejection = Assert.Single(source.Statistics.Rejections);
        Assert.Contains(reason, rejection.Reason, StringComparison.Ordinal);
        Assert.StartsWith(span, rejection.Excerpt, StringComparison.Ordinal);
        Assert.Equal(1, rejection.Line);
    }

    [Theory]
    [InlineData("\"startTimeUnixNano\":\"soon\",\"endTimeUnixNano\":9", SpanFlags.OddTime)]
    [InlineData("\"startTimeUnixNano\":1,\"parentSpanId\":\"0000000000000000\"", SpanFlags.OddParentId)]
    [InlineData("\"startTimeUnixNano\":1,\"parentSpanId\":17", SpanFlags.OddParentId)]
    [InlineData("\"startTimeUnixNano\":1,\"attributes\":17", SpanFlags.Truncated)]
    [InlineData("\"startTimeUnixNano\":1,\"attributes\":{\"a\":1}", SpanFlags.None)]
    [InlineData("\"startTimeUnixNano\":1,\"attributes\":[{\"key\":\"a\",\"value\":{\"intValue\":99999999999999999999}}]", SpanFlags.OddNumber)]
    [InlineData("\"startTimeUnixNano\":1,\"events\":[{},{\"timeUnixNano\":true}]", SpanFlags.OddTime)]
    public void An_odd_field_costs_a_span_that_field_and_no_more(string fields, SpanFlags odd)
    {
        SpanBatch batch = new();
        OtlpRequestResult result = OtlpRequest.ReadTraces(Encoding.UTF8.GetBytes(Document("{" + Ids + "," + fields + "}")), isJson: true, batch);

        Assert.Equal((1, 0), (result.Accepted, result.Rejected));
        Assert.Equal(odd, batch[0].Flags & ~(SpanFlags.Started | SpanFlags.Ended | SpanFlags.ServiceFromSource));
    }

    [Fact]
    public void A_broken_line_costs_no_other_line()
    {
        string good = Document("{" + Ids + ",\"startTimeUnixNano\":1}");
        OtlpSource source = OtlpSource.Of($"{good}\n{good[..60]}\n{good}\nno JSON\n{good}\n");
        Assert.Equal(3, source.Lines.Count);
        Assert.Equal([2, 4], source.Statistics.Rejections.Select(static rejection => rejection.Line));
    }

    [Fact]
    public void Log_records_become_events_of_their_span_or_trace()
    {
        const string Logs = """
            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{"scope":{"name":"logger"},"logRecords":[
              {"timeUnixNano":"7","observedTimeUnixNano":"8","severityNumber":17,"body":{"stringValue":"card declined"},"attributes":[{"key":"code","value":{"intValue":"5"}}],"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174"},
              {"observedTimeUnixNano":"8","severityText":"Warning","eventName":"retry","body":{"stringValue":"once more"},"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":""},
              {"timeUnixNano":"9","body":{"kvlistValue":{"values":[{"key":"a","value":{"intValue":1}}]}},"traceId":"5B8EFFF798038103D269B633813FC60C"},
              {"timeUnixNano":"9","body":{"stringValue":"no trace"}}]}]}]}
            """;
        OtlpSource source = OtlpSource.Of(Logs);
        Assert.Equal(3, source.Statistics.Records);
        Assert.Equal(0, source.Statistics.SpanRecords);
        Assert.Contains("/eee19b7ec3c1b174<", source.Lines[0], StringComparison.Ordinal);
        Assert.Contains("'shop'", source.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith(" event 7 'card declined'{'code':1,0,2=5;'level':0,0,2='ERROR';}", source.Lines[0], StringComparison.Ordinal);
        Assert.Contains("/0000000000000000<", source.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith(" event 8 'retry'{'message':0,0,2='once more';'level':0,0,2='Warning';}", source.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith(" event 9 'log'{'body':4,0,2='{\"a\":1}';}", source.Lines[2], StringComparison.Ordinal);
        Assert.Contains("$.resourceLogs[0].scopeLogs[0].logRecords[3]: no trace context", Assert.Single(source.Statistics.Rejections).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_records_in_protobuf_mean_the_same()
    {
        byte[] trace = Convert.FromHexString("5B8EFFF798038103D269B633813FC60C");
        byte[] span = Convert.FromHexString("EEE19B7EC3C1B174");
        byte[] logs = new OtlpProtobufEncoder().Message(1, group => group
            .Message(1, resource => resource.Pairs(1, [new OtlpPair("service.name", "shop")]))
            .Message(2, scope => scope
                .Message(2, log => log.Fixed64(1, 7).Number(2, 17).Message(5, body => body.Value("card declined")).Pairs(6, [new OtlpPair("code", 5L)]).Field(9, trace).Field(10, span))
                .Message(2, log => log.Text(3, "Warning").Message(5, body => body.Value("once more")).Field(9, trace).Fixed64(11, 8).Text(12, "retry"))
                .Message(2, log => log.Fixed64(1, 9).Message(5, body => body.Value("no trace"))))).Bytes;
        OtlpSource source = OtlpSource.Of(logs);
        Assert.Equal(SourceFormat.OtlpProtobuf, source.Statistics.Format);
        Assert.EndsWith(" event 7 'card declined'{'code':1,0,2=5;'level':0,0,2='ERROR';}", source.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith(" event 8 'retry'{'message':0,0,2='once more';'level':0,0,2='Warning';}", source.Lines[1], StringComparison.Ordinal);
        Assert.Contains("no trace context", Assert.Single(source.Statistics.Rejections).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_are_counted_as_rejected()
    {
        OtlpSource source = OtlpSource.Of("{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"name\":\"a\"}]}]}]}\n" + Document("{" + Ids + ",\"startTimeUnixNano\":1}"));
        Assert.Single(source.Lines);
        Assert.Equal("$.resourceMetrics: metrics are not read", Assert.Single(source.Statistics.Rejections).Reason);
    }

    private static string Document(string spans) => $"{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{spans}]}}]}}]}}";

    private static string File(string name) => System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Formats", "Otlp", "Examples", name + ".json"));
}
