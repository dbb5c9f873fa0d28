using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.Zipkin;

/// <summary>Spans of Zipkin's first version, and Zipkin's oddities.</summary>
public sealed class ZipkinV1Tests
{
    private const string Endpoint = """{"serviceName":"NAME","ipv4":"10.0.0.1","port":80}""";

    [Fact]
    public void A_span_that_client_and_server_both_added_to_is_two()
    {
        string span = Span(
            """
            {"traceId":"a","id":"2","parentId":"1","name":"get","timestamp":1000000000000000,"duration":100,
             "annotations":[{"timestamp":1000000000000000,"value":"cs","endpoint":shop},{"timestamp":1000000000000010,"value":"sr","endpoint":price},{"timestamp":1000000000000030,"value":"cache miss","endpoint":price},
                            {"timestamp":1000000000000090,"value":"ss","endpoint":price},{"timestamp":1000000000000100,"value":"cr","endpoint":shop}],
             "binaryAnnotations":[{"key":"http.path","value":"/price","endpoint":shop},{"key":"rows","value":5,"type":"I32","endpoint":price},{"key":"error","value":"boom","endpoint":price},{"key":"sa","value":true,"endpoint":price},{"key":"ca","value":true,"endpoint":shop}]}
            """);
        var read = ReadSource.Of(span);
        Assert.Equal((SourceFormat.Zipkin, 2, 0), (read.Statistics.Format, read.Spans.Count, read.Statistics.Rejected));
        (ReadSpan client, ReadSpan server) = (read.Spans[0], read.Spans[1]);
        Assert.Equal((SpanKind.Client, "shop", 100_000, "price"), (client.Kind, client.Service, client.End - client.Start, client.Attributes["peer.service"]));
        Assert.Equal((SpanKind.Server, "price", 80_000, SpanStatus.Error, "boom"), (server.Kind, server.Service, server.End - server.Start, server.Status, server.StatusMessage));
        Assert.Equal(("/price", "int64 5", "cache miss"), (client.Attributes["http.path"], server.Attributes["rows"], server.Event));
        Assert.Equal(SpanStatus.Unset, client.Status);
        Assert.Null(client.Event);

        Trace trace = ReadTrace.Only(System.Text.Encoding.UTF8.GetBytes(span));
        Assert.Equal(["shop get Client", "  price get Server"], ReadTrace.Tree(trace));
    }

    [Fact]
    public void A_server_that_reports_no_timestamp_has_the_clients_id()
    {
        ReadSpan span = ReadSource.Of(Span("""[{"traceId":"a","id":"2","parentId":"1","name":"get","annotations":[{"timestamp":1000000000000010,"value":"sr","endpoint":price},{"timestamp":1000000000000090,"value":"ss","endpoint":price}]}]""")).Only;
        Assert.Equal(SpanFlags.SharedServer, span.Flags & SpanFlags.SharedServer);
        Assert.Equal(80_000, span.End - span.Start);
    }

    [Fact]
    public void A_local_span_and_messages_have_the_endpoint_that_there_is()
    {
        var read = ReadSource.Of(Span(
            """
            [{"traceId":"a","id":"1","name":"work","timestamp":1000000000000000,"duration":5,"binaryAnnotations":[{"key":"lc","value":"job","endpoint":shop}]},
             {"traceId":"a","id":"2","name":"send","annotations":[{"timestamp":1000000000000000,"value":"ms","endpoint":shop}],"binaryAnnotations":[{"key":"ma","value":true,"endpoint":broker}]},
             {"traceId":"a","id":"3","name":"receive","annotations":[{"timestamp":1000000000000001,"value":"mr","endpoint":mail}]}]
            """));
        Assert.Equal(["work Internal shop 5000", "send Producer shop 0", "receive Consumer mail 0"], read.Spans.Select(static span => $"{span.Name} {span.Kind} {span.Service} {span.End - span.Start}"));
        Assert.Equal("broker", read.Spans[1].Attributes["peer.service"]);
    }

    [Theory]
    [InlineData("\"parentId\":\"zzz\"", SpanFlags.OddParentId)]
    [InlineData("\"parentId\":\"0000000000000000\"", SpanFlags.OddParentId)]
    [InlineData("\"parentId\":null", SpanFlags.None)]
    [InlineData("\"duration\":-5", SpanFlags.OddDuration)]
    [InlineData("\"duration\":18446744073709551610", SpanFlags.OddDuration)]
    [InlineData("\"duration\":\"soon\"", SpanFlags.OddDuration)]
    [InlineData("\"tags\":{\"n\":99999999999999999999}", SpanFlags.OddNumber)]
    public void An_odd_field_costs_a_span_of_version_2_that_field(string field, SpanFlags flag)
    {
        ReadSpan span = ReadSource.Of($$$"""[{"traceId":"a","id":"2","kind":"CLIENT","timestamp":1000000000000000,"localEndpoint":{"serviceName":"shop"},{{{field}}}}]""").Only;
        Assert.Equal((flag, "0000000000000000"), (span.Flags & ~(SpanFlags.Started | SpanFlags.Ended), span.ParentSpanId));
        Assert.Equal((flag & SpanFlags.OddDuration) != 0, span.Flags.HasFlag(SpanFlags.Ended));
    }

    [Fact]
    public void A_span_without_timestamp_has_that_of_its_annotations()
    {
        ReadSpan span = ReadSource.Of("""[{"traceId":"a","id":"2","annotations":[{"timestamp":1000000000000005,"value":"b"},{"timestamp":1000000000000002,"value":"a"}]}]""").Only;
        Assert.Equal((1000000000000002000, 1000000000000005000), (span.Start, span.End));
    }

    [Fact]
    public void A_span_of_no_time_at_all_is_rejected() => Assert.Contains("timestamp", ReadSource.Of("""[{"traceId":"a","id":"2","kind":"CLIENT"}]""").Rejection.Reason, StringComparison.Ordinal);

    [Fact]
    public void Spans_that_Zipkin_stores_in_Elasticsearch_are_read_as_hits() => Assert.Equal(
        "get", ReadSource.Of("""{"took":1,"hits":{"total":1,"hits":[{"_index":"zipkin-span","_source":{"traceId":"a","id":"2","name":"get","timestamp":1000000000000000,"timestamp_millis":1000000000000,"duration":1,"_q":["a"]}}]}}""").Only.Name);

    private static string Span(string text) => new[] { "shop", "price", "mail", "broker" }
        .Aggregate(text, static (all, name) => all.Replace($"\"endpoint\":{name}", $"\"endpoint\":{Endpoint.Replace("NAME", name, StringComparison.Ordinal)}", StringComparison.Ordinal));
}
