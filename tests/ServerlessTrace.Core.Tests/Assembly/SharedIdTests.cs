using System.Text;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Core.Tests.Formats;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Assembly;

/// <summary>Calls whose client and server recorded one id.</summary>
public sealed class SharedIdTests
{
    private const string Root = """{"traceId":"0af7651916cd43dd8448eb211c80319c","id":"1","kind":"SERVER","name":"order","timestamp":1772128800000000,"duration":50000,"localEndpoint":{"serviceName":"shop"}}""";

    private const string OtlpClient = """{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"0000000000000002","parentSpanId":"0000000000000001","name":"get","kind":3,"startTimeUnixNano":"1772128800010000000","endTimeUnixNano":"1772128800030000000"}]}]}]}""";

    private const string JaegerServer = """{"traceID":"0af7651916cd43dd8448eb211c80319c","spanID":"2","operationName":"price","references":[{"refType":"CHILD_OF","traceID":"0af7651916cd43dd8448eb211c80319c","spanID":"1"}],"startTime":1772128800012000,"duration":16000,"tags":[{"key":"span.kind","type":"string","value":"server"}],"process":{"serviceName":"price"}}""";

    private const string LogQuery = """{"timestamp":"2026-02-26T18:00:00.020Z","event":"span_end","service":"price","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"0000000000000003","parent_span_id":"0000000000000002","span_name":"select","span_kind":"CLIENT","duration_ms":5}""";

    private const string LogOfServer = """{"timestamp":"2026-02-26T18:00:00.021Z","message":"miss","service":"price","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"0000000000000002"}""";

    private static readonly string[] Expected = ["shop order Server", "  shop get Client", "    price price Server", "      price select Client"];

    [Fact]
    public void Client_and_server_are_two_spans_whatever_formats_they_came_in()
    {
        Trace trace = ReadTrace.Only([.. new[] { Root, OtlpClient, JaegerServer, LogQuery, LogOfServer }.Select(Encoding.UTF8.GetBytes)]);
        Assert.Equal(Expected, ReadTrace.Tree(trace));
        Assert.Contains(TraceWarnings.Of(trace), static warning => warning.Kind == "shared-span");
        Assert.DoesNotContain(TraceWarnings.Of(trace), static warning => warning.Kind is "contradiction" or "duplicate");
        Assert.Equal(1, trace[2].EventCount);
        Assert.Equal(16_000_000, trace[2].Duration);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Order_and_redelivery_make_no_difference(int seed)
    {
        byte[][] sources = [.. new[] { Root, OtlpClient, JaegerServer, LogQuery, LogOfServer, LogOfServer, JaegerServer }.Select(Encoding.UTF8.GetBytes)];
        new Random(seed).Shuffle(sources);
        Assert.Equal(Expected, ReadTrace.Tree(ReadTrace.Only(sources)));
    }

    [Fact]
    public void A_server_that_comes_after_its_client_was_merged_makes_two_spans_of_it_and_another_time_of_it_changes_nothing()
    {
        SpanBatch batch = new TraceBuilder().Span(1, "shop", "get", 0, 20, kind: SpanKind.Client).Flush();
        new SpanMerger().Merge(batch);
        for (int times = 0; times < 3; times++)
        {
            var late = new TraceBuilder().Span(1, "price", "price", 2, 18, kind: SpanKind.Server).Flush();
            var copy = new SpanBatchCopy();
            copy.Begin(late, batch);
            copy.Add(in late[0]);
            Trace trace = new(batch, Assert.Single(new SpanMerger().Merge(batch)));
            Assert.Equal(["shop get Client", "  price price Server"], ReadTrace.Tree(trace));
        }
    }

    [Theory]
    [InlineData("""{"traceId":"0af7651916cd43dd8448eb211c80319c","id":"2","shared":true,"kind":"SERVER","name":"price","localEndpoint":{"serviceName":"price"}}""", 10, 20)]
    [InlineData("""{"traceId":"0af7651916cd43dd8448eb211c80319c","id":"2","kind":"SERVER","name":"price","localEndpoint":{"serviceName":"price"}}""", 10, 20)]
    [InlineData("""{"traceId":"0af7651916cd43dd8448eb211c80319c","id":"2","shared":true,"kind":"SERVER","name":"price","localEndpoint":{"serviceName":"price"},"annotations":[{"timestamp":1772128800012000,"value":"sr"},{"timestamp":1772128800028000,"value":"ss"}]}""", 12, 16)]
    [InlineData("""{"traceId":"0af7651916cd43dd8448eb211c80319c","id":"2","name":"price","annotations":[{"timestamp":1772128800012000,"value":"sr","endpoint":{"serviceName":"price"}},{"timestamp":1772128800028000,"value":"ss","endpoint":{"serviceName":"price"}}],"binaryAnnotations":[]}""", 12, 16)]
    public void A_server_without_times_has_those_of_its_annotations_or_of_the_client(string server, int start, int duration)
    {
        Trace trace = ReadTrace.Only([.. new[] { Root, server, OtlpClient }.Select(Encoding.UTF8.GetBytes)]);
        Assert.Equal(Expected[..3], ReadTrace.Tree(trace));
        Assert.Equal((TraceBuilder.Epoch + (start * 1_000_000L), duration * 1_000_000L), (trace[2].Start, trace[2].Duration));
    }
}
