using System.Text;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.Zipkin;

public sealed class ZipkinTests
{
    // The example of zipkin.io, "Data Model" (openzipkin/openzipkin.github.io, Apache-2.0).
    private const string Example = """
        [{"traceId": "5982fe77008310cc80f1da5e10147517", "name": "get", "id": "bd7a977555f6b982", "parentId": "80f1da5e10147519",
          "kind": "CLIENT", "timestamp": 1458702548467000, "duration": 386000,
          "localEndpoint": {"serviceName": "zipkin-query", "ipv4": "192.168.1.2", "port": 9411},
          "remoteEndpoint": {"serviceName": "mysql", "ipv4": "192.168.1.3", "port": 3306},
          "annotations": [{"timestamp": 1458702548467100, "value": "ws"}],
          "tags": {"sql.query": "select 1", "error": "timed out"}}]
        """;

    private static byte[] Recorded(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Formats", "Zipkin", name + ".json"));

    [Fact]
    public void A_span_keeps_everything_it_says()
    {
        ReadSource read = ReadSource.Of(Example);
        Assert.Equal(SourceFormat.Zipkin, read.Statistics.Format);
        ReadSpan span = read.Only;
        Assert.Equal("5982fe77008310cc80f1da5e10147517", span.TraceId);
        Assert.Equal("bd7a977555f6b982", span.SpanId);
        Assert.Equal("80f1da5e10147519", span.ParentSpanId);
        Assert.Equal(1458702548467000_000, span.Start);
        Assert.Equal(1458702548853000_000, span.End);
        Assert.Equal(("zipkin-query", "get", SpanKind.Client), (span.Service, span.Name, span.Kind));
        Assert.Equal((SpanStatus.Error, "timed out"), (span.Status, span.StatusMessage));
        Assert.Equal("mysql", span.Attributes["peer.service"]);
        Assert.Equal("192.168.1.3", span.Attributes["network.peer.address"]);
        Assert.Equal("int64 3306", span.Attributes["network.peer.port"]);
        Assert.Equal("select 1", span.Attributes["sql.query"]);
        Assert.Equal(("ws", 1458702548467100_000), (span.Event, span.EventTime));
    }

    [Fact]
    public void Ids_of_64_bits_are_padded_and_times_keep_fractions()
    {
        ReadSpan span = ReadSource.Of("""{"traceId":"a03ee8fff1dcd9b9","id":"f5f268651b2a2b34","timestamp":1571896375297103.5,"duration":2}""").Only;
        Assert.Equal("0000000000000000a03ee8fff1dcd9b9", span.TraceId);
        Assert.Equal(1571896375297103_500, span.Start);
        Assert.Equal(SpanKind.Internal, span.Kind);
        Assert.Equal(SpanFlags.Started | SpanFlags.Ended | SpanFlags.ServiceFromSource, span.Flags);
    }

    [Fact]
    public void A_span_a_line_is_read_and_a_bad_line_is_rejected_alone()
    {
        string good = """{"traceId":"a03ee8fff1dcd9b9","id":"f5f268651b2a2b34","name":"one","timestamp":1571896375297103,"duration":2}""";
        ReadSource read = ReadSource.Of(string.Join('\n', good, """{"traceId":"a03ee8fff1dcd9b9","id":"f5f2""", good, """{"traceId":"x","id":"f5f268651b2a2b34"}""", good));
        Assert.Equal(3, read.Spans.Count);
        Assert.Equal([2, 4], read.Statistics.Rejections.Select(r => r.Line));
        Assert.Contains("cut off", read.Statistics.Rejections[0].Reason, StringComparison.Ordinal);
        Assert.Contains("traceId", read.Statistics.Rejections[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_cut_off_between_fields_does_not_swallow_the_next()
    {
        string good = """{"traceId":"a03ee8fff1dcd9b9","id":"f5f268651b2a2b34","name":"one","timestamp":1571896375297103,"duration":2}""";
        ReadSource read = ReadSource.Of(good + "\n" + """{"traceId":"a03ee8fff1dcd9b9","id":"f5f268651b2a2b34",""" + "\n" + good + "\n" + good);
        Assert.Equal(3, read.Spans.Count);
        Assert.Equal(2, read.Rejection.Line);
    }

    [Fact]
    public void An_error_tag_that_says_false_is_no_error()
    {
        ReadSpan span = ReadSource.Of("""[{"traceId":"1","id":"2","timestamp":1571896375297103,"duration":2,"tags":{"error":"false"}}]""").Only;
        Assert.Equal(SpanStatus.Unset, span.Status);
    }

    [Fact]
    public void A_message_takes_no_time_but_a_call_without_duration_is_open()
    {
        ReadSource read = ReadSource.Of("""
            [{"traceId":"1","id":"2","timestamp":1571896375297103,"kind":"PRODUCER"},
             {"traceId":"1","id":"3","timestamp":1571896375297103,"kind":"SERVER"}]
            """);
        Assert.Equal(read.Spans[0].Start, read.Spans[0].End);
        Assert.Equal(SpanFlags.Started, read.Spans[1].Flags & (SpanFlags.Started | SpanFlags.Ended));
    }

    [Fact]
    public void The_server_half_of_a_shared_span_is_a_child_of_the_client_half_with_what_the_server_did_below_it()
    {
        Assert.Equal(
            [
                "servicea get Server",
                "  servicea post Client",
                "    serviceb post Server",
                "      serviceb async Internal",
            ],
            ReadTrace.Tree(ReadTrace.Only(Recorded("skew"))));
    }

    [Theory]
    [InlineData("ascend")]
    [InlineData("messaging")]
    [InlineData("skew")]
    [InlineData("yelp")]
    [InlineData("smartthings-oauth-authorization")]
    public void A_recorded_trace_is_one_tree_whose_server_halves_hang_on_their_clients(string name)
    {
        Trace trace = ReadTrace.Only(Recorded(name));
        int halves = 0;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            ref readonly SpanRecord span = ref trace[i];
            if ((span.Flags & SpanFlags.SharedServer) != 0 && trace.IndexOf(SharedSpan.ClientHalf(span.SpanId)) is >= 0 and int client)
            {
                halves++;
                Assert.Equal(client, trace.Parents[i]);
            }
        }

        Assert.Equal(name == "messaging", halves == 0);
        Assert.Equal(0, trace.CycleCount);
        Assert.True(trace.RootCount == 1 || name == "yelp", $"{trace.RootCount} roots");
    }

    [Fact]
    public void A_server_half_stands_for_the_shared_span_where_no_client_was_recorded()
    {
        byte[] source = Encoding.UTF8.GetBytes("""
            [{"traceId":"1","id":"2","timestamp":1571896375297103,"duration":9,"kind":"SERVER","name":"handle","shared":true,"localEndpoint":{"serviceName":"b"}},
             {"traceId":"1","id":"3","parentId":"2","timestamp":1571896375297104,"duration":2,"name":"work","localEndpoint":{"serviceName":"b"}},
             {"traceId":"1","id":"4","parentId":"2","timestamp":1571896375297105,"duration":2,"name":"more","localEndpoint":{"serviceName":"renamed"}}]
            """);
        Trace trace = ReadTrace.Only(source);
        Assert.Equal(["b handle Server", "  b work Internal", "  renamed more Internal"], ReadTrace.Tree(trace));
        Assert.Equal(0, trace.MissingParentCount);
    }

    [Fact]
    public void A_report_names_the_parents_of_the_tree()
    {
        Trace trace = ReadTrace.Only(Recorded("skew"));
        System.Buffers.ArrayBufferWriter<byte> report = new();
        Core.Reports.TraceReportJson.Write(report, new Core.Analysis.TraceAnalysis(trace), isSealed: true, revision: 0);
        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(report.WrittenMemory);
        Dictionary<string, string?> parents = json.RootElement.GetProperty("spans").EnumerateArray()
            .ToDictionary(span => span.GetProperty("spanId").GetString()!, span => span.GetProperty("parentSpanId").GetString());
        string server = SharedSpan.ServerHalf(new SpanId(0x74280ae0c10d8062)).ToString();
        Assert.Equal("74280ae0c10d8062", parents[server]);
        Assert.Equal(server, parents["43210ae0c10d1234"]);
        Assert.Equal("bf396325699c84bf", parents["74280ae0c10d8062"]);
    }

    [Fact]
    public void Halves_in_files_of_their_own_give_the_same_tree_in_any_order()
    {
        byte[] client = Encoding.UTF8.GetBytes("""
            [{"traceId":"1","id":"1","timestamp":1571896375297000,"duration":900,"kind":"SERVER","name":"in","localEndpoint":{"serviceName":"a"}},
             {"traceId":"1","id":"2","parentId":"1","timestamp":1571896375297100,"duration":90,"kind":"CLIENT","name":"call","localEndpoint":{"serviceName":"a"}}]
            """);
        byte[] server = Encoding.UTF8.GetBytes("""
            [{"traceId":"1","id":"2","parentId":"1","timestamp":1571896375297103,"duration":9,"kind":"SERVER","name":"handle","shared":true,"localEndpoint":{"serviceName":"b"}},
             {"traceId":"1","id":"3","parentId":"2","timestamp":1571896375297104,"duration":2,"name":"work","localEndpoint":{"serviceName":"b"}}]
            """);
        string[] tree = ["a in Server", "  a call Client", "    b handle Server", "      b work Internal"];
        Assert.Equal(tree, ReadTrace.Tree(ReadTrace.Only(client, server)));
        Assert.Equal(tree, ReadTrace.Tree(ReadTrace.Only(server, client)));
        Assert.Equal(tree, ReadTrace.Tree(ReadTrace.Only(server, client, server)));
        Assert.Equal(["b handle Server", "  b work Internal"], ReadTrace.Tree(ReadTrace.Only(server)));
    }

    [Fact]
    public void However_content_is_split_the_spans_are_the_same()
    {
        byte[] recorded = Recorded("smartthings-oauth-authorization");
        string whole = ReadSource.Of(recorded).Describe();
        foreach (int step in new[] { 1, 7, 4096 })
        {
            Assert.Equal(whole, ReadSource.Of(new OneByteStream(recorded, step)).Describe());
        }

        Assert.Equal(whole, ReadSource.Of(recorded, limits: new ReadLimits { SpansPerBatch = 3 }).Describe());
    }

    [Fact]
    public void A_cut_off_array_keeps_its_spans_and_says_so()
    {
        ReadSource read = ReadSource.Of(Encoding.UTF8.GetString(Recorded("yelp"))[..4000]);
        Assert.NotEmpty(read.Spans);
        Assert.Contains("cut off", read.Rejection.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_beyond_the_limit_is_rejected_alone()
    {
        string good = """{"traceId":"1","id":"2","timestamp":1571896375297103,"duration":2}""";
        string big = good.Replace("\"duration\"", $"\"name\":\"{new string('x', 300_000)}\",\"duration\"", StringComparison.Ordinal);
        ReadSource read = ReadSource.Of($"[{good},{big},{good}]", limits: new ReadLimits { RecordBytes = 10_000 });
        Assert.Equal(2, read.Spans.Count);
        Assert.Contains("longer than 10000 bytes", read.Rejection.Reason, StringComparison.Ordinal);
    }
}
