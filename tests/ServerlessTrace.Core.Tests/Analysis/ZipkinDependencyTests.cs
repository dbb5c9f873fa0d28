using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Analysis;

/// <summary>Dependencies of Zipkin's and Jaeger's data, by the rules of Zipkin's linker.</summary>
public sealed class ZipkinDependencyTests
{
    [Fact]
    public void A_span_without_a_local_endpoint_is_of_no_service_and_what_it_calls_is_called_by_the_one_before_it() => Assert.Equal(
        ["shop > db", "shop > price"],
        Edges(
            Span(1, 0, "SERVER", "shop"),
            Span(2, 1, null, null),
            Span(3, 2, "SERVER", "price"),
            Span(4, 2, "CLIENT", null, "db")));

    [Fact]
    public void A_caller_of_a_root_server_that_sends_no_spans_is_a_node() => Assert.Equal(
        ["web > shop!"],
        Edges(Span(1, 0, "SERVER", "shop", "web", error: true)));

    [Fact]
    public void A_server_that_names_a_caller_is_called_by_the_one_that_sent_spans() => Assert.Equal(
        ["shop > price"],
        Edges(Span(1, 0, "CLIENT", "shop"), Span(2, 1, "SERVER", "price", "gateway")));

    [Fact]
    public void A_span_without_a_kind_calls_what_it_names() => Assert.Equal(
        ["shop > memcached"],
        Edges(Span(1, 0, "SERVER", "shop"), Span(2, 1, null, "shop", "memcached"), Span(3, 1, null, "shop")));

    [Fact]
    public void An_error_is_the_call_s_whose_span_failed() => Assert.Equal(
        ["price > db!", "shop > price"],
        Edges(Span(1, 0, "CLIENT", "shop"), Span(2, 1, "SERVER", "price"), Span(3, 2, "CLIENT", "price", "db", error: true)));

    [Fact]
    public void A_broker_stands_between_producer_and_consumer_besides_the_way_between_them() => Assert.Equal(
        ["kafka ~> mail!", "shop ~> kafka", "shop ~> mail!"],
        Edges(Span(1, 0, "PRODUCER", "shop", "kafka"), Span(2, 1, "CONSUMER", "mail", "kafka", error: true)));

    [Fact]
    public void A_broker_that_only_one_side_names_is_a_node_too() => Assert.Equal(
        ["kafka ~> mail", "shop ~> kafka"],
        Edges(Span(1, 0, "PRODUCER", "shop", "kafka"), Span(2, 9, "CONSUMER", "mail", "kafka")));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.1.1")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void A_service_that_calls_itself_over_a_loopback_address_has_no_external_peer(string address)
    {
        Assert.Empty(Edges(Span(1, 0, "SERVER", "shop"), Span(2, 1, "CLIENT", "shop", address: address)));
        Assert.Empty(Edges(Span(1, 0, "SERVER", "shop"), Span(2, 1, "CLIENT", "shop", address: address), Span(3, 2, "SERVER", "shop")));
    }

    [Fact]
    public void A_service_that_calls_itself_by_name_or_address_has_no_peer_where_its_own_span_answers()
    {
        Assert.Empty(Edges(Span(1, 0, "CLIENT", "shop", "shop")));
        Assert.Empty(Edges(Span(1, 0, "CLIENT", "shop", address: "10.0.0.7"), Span(2, 1, "SERVER", "shop")));
    }

    [Fact]
    public void A_shared_id_is_a_call_of_the_client_s_service() => Assert.Equal(
        ["shop > price"],
        Edges(Span(1, 0, "CLIENT", "shop", "price"), Span(1, 0, "SERVER", "price", "shop")));

    [Fact]
    public void Services_that_are_unknown_are_no_nodes()
    {
        DependencyGraph graph = Graph(Span(1, 0, "SERVER", "shop"), Span(2, 1, null, null));
        Assert.Equal(["shop"], graph.Nodes.Select(static node => node.Name));
    }

    private static string Span(int id, int parent, string? kind, string? service, string? peer = null, bool error = false, string? address = null)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{{\"traceId\":\"a\",\"id\":\"{id}\",\"timestamp\":{1772128800000000 + id},\"duration\":{100 - id}"));
        text.Append(parent == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $",\"parentId\":\"{parent}\"")).Append(kind is null ? "" : $",\"kind\":\"{kind}\"");
        text.Append(service is null ? "" : $",\"localEndpoint\":{{\"serviceName\":\"{service}\"}}");
        text.Append(peer is null ? "" : $",\"remoteEndpoint\":{{\"serviceName\":\"{peer}\"}}").Append(address is null ? "" : $",\"remoteEndpoint\":{{\"ipv4\":\"{address}\"}}");
        return text.Append(error ? ",\"tags\":{\"error\":\"\"}}" : "}").ToString();
    }

    /// <summary>The graph of spans that were posted, so that no name of a file says which service they are of.</summary>
    private static DependencyGraph Graph(params string[] spans)
    {
        var batch = new SpanBatch();
        var reader = new Core.Formats.SpanSourceReader(new MemoryStream(Encoding.UTF8.GetBytes($"[{string.Join(',', spans)}]")), "unknown");
        while (reader.ReadBatchAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult())
        {
        }

        Assert.Empty(reader.Statistics.Rejections);
        reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return DependencyGraph.Of(new Trace(batch, Assert.Single(new SpanMerger().Merge(batch))));
    }

    private static string[] Edges(params string[] spans) =>
        [.. Graph(spans).Edges.Select(static edge => $"{edge.Caller.Name} {(edge.IsMessaging ? "~>" : ">")} {edge.Callee.Name}{(edge.Errors > 0 ? "!" : "")}").Order(StringComparer.Ordinal)];
}
