using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>Documents in which other backends hand spans out.</summary>
public sealed class BackendDocumentTests
{
    private const string Group =
        """{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"a","startTimeUnixNano":"1000000000000000000","endTimeUnixNano":"1000000000000000005"}]}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]}}""";

    private const string JaegerSpan =
        """{"flags":1,"logs":[],"duration":5,"startTime":1000000000000000,"operationName":"a","tags":[],"tag":{"http@route":"/x","error":true},"spanID":"b7ad6b7169203331","traceID":"0af7651916cd43dd8448eb211c80319c","process":{"tag":{"host@name":"h"},"tags":[],"serviceName":"shop"}}""";

    [Theory]
    [InlineData(Group)]
    [InlineData("""{"metrics":{"inspectedBytes":"12"},"trace":{"batches":[GROUP]}}""")]
    [InlineData("""{"status":{},"trace":{"services":[],"resourceSpans":[GROUP]}}""")]
    [InlineData("""{"result":{"resourceSpans":[GROUP]}}""")]
    [InlineData("""{"data":{"trace":{"resourceSpans":[GROUP]}}}""")]
    [InlineData("""[{"batches":[GROUP]},{"batches":[]}]""")]
    [InlineData("""{"padding":[PADDING],"trace":{"resourceSpans":[GROUP]}}""")]
    [InlineData("""{"resource_spans":[GROUP]}""")]
    public void Spans_of_OTLP_are_read_in_whatever_object_they_stand(string document)
    {
        string padding = string.Join(',', Enumerable.Repeat("\"" + new string('x', 500) + "\"", 300));
        var read = ReadSource.Of(document.Replace("GROUP", Group, StringComparison.Ordinal).Replace("PADDING", padding, StringComparison.Ordinal));
        Assert.Equal(SourceFormat.OtlpJson, read.Statistics.Format);
        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(("shop", "a", 5), (read.Only.Service, read.Only.Name, read.Only.End - read.Only.Start));
    }

    [Fact]
    public void A_bare_group_after_a_request_and_before_one_is_a_document_of_its_own()
    {
        var read = ReadSource.Of($$"""{"resourceSpans":[{{Group}}]}{{Group}}{"result":{{Group}}}{"resourceSpans":[{{Group}},{{Group}}]}""");
        Assert.Equal((5, 0), (read.Spans.Count, read.Statistics.Rejected));
    }

    [Fact]
    public void An_object_among_OTLP_documents_that_is_none_is_rejected_and_an_empty_one_is_not()
    {
        var read = ReadSource.Of($"{Group}\n{{\"x\":1}}\n{{}}\n{Group}\n");
        Assert.Equal((2, 2), (read.Spans.Count, read.Rejection.Line));
    }

    [Theory]
    [InlineData(JaegerSpan)]
    [InlineData("""{"took":1,"hits":{"total":{"value":1},"hits":[{"_index":"jaeger-span-2026","_source":SPAN}]}}""")]
    [InlineData("""{"_index":"jaeger-span-2026","_score":1,"_source":SPAN}""")]
    [InlineData("""{"aggregations":{"x":{"buckets":[1,2]}},"hits":{"hits":[{"_source":SPAN,"sort":[5]}],"total":1}}""")]
    public void Spans_that_Jaeger_stores_in_Elasticsearch_are_read_bare_or_as_hits(string document)
    {
        var read = ReadSource.Of(document.Replace("SPAN", JaegerSpan, StringComparison.Ordinal));
        Assert.Equal(SourceFormat.Jaeger, read.Statistics.Format);
        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(("shop", "a", 5_000), (read.Only.Service, read.Only.Name, read.Only.End - read.Only.Start));
        Assert.Equal(("/x", "h"), (read.Only.Attributes["http.route"], read.Only.Resource["host.name"]));
        Assert.Equal(SpanStatus.Error, read.Only.Status);
    }

    [Fact]
    public void A_Jaeger_trace_is_read_with_its_keys_in_any_order_and_megabytes_before_its_spans()
    {
        string processes = string.Join(',', Enumerable.Range(0, 12_000).Select(static i => $$"""  "p{{i}}":{"serviceName":"s{{i}}","tags":[{"key":"host","type":"string","value":"{{new string('h', 300)}}"}]}  """));
        var read = ReadSource.Of(
            $$"""{"errors":null,"data":[{"processes":{{{processes}}},"spans":[{"traceID":"a","spanID":"1","operationName":"x","startTime":1000000000000000,"duration":1,"processID":"p11999"}],"traceID":"a"}]}""");
        Assert.Equal((SourceFormat.Jaeger, "s11999"), (read.Statistics.Format, read.Only.Service));
    }
}
