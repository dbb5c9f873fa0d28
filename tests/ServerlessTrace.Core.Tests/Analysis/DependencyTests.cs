using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Analysis;

public class DependencyTests
{
    [Fact]
    public void Calls_between_services_are_edges_and_messages_are_told_apart() => Assert.Equal(
        [
            "api-gateway > auth-service: 1, 0 failed, 38/38",
            "api-gateway > payment-service: 1, 1 failed, 1170/1170",
            "notification-service > audit-service: 1, 0 failed, 0/0",
            "payment-service ~> notification-service: 1, 0 failed, 100/100",
        ],
        Edges(DependencyGraph.Of(SampleTraces.FailedPayment())));

    [Fact]
    public void What_sends_no_spans_is_inferred_from_attributes()
    {
        Trace trace = new TraceBuilder().Span(1, "shop", "buy", 0, 100, kind: SpanKind.Server)
            .Span(2, "shop", "select", 1, 11, parent: 1).With("db.system", "postgresql").With("db.name", "orders").With("peer.service", "pg")
            .Span(3, "shop", "select", 12, 32, parent: 1, kind: SpanKind.Client, status: SpanStatus.Error).With("db.system.name", "postgresql").With("db.namespace", "orders")
            .Span(4, "shop", "charge", 40, 50, parent: 1, kind: SpanKind.Client).With("server.address", "api.stripe.com")
            .Span(5, "shop", "ask", 50, 60, parent: 1, kind: SpanKind.Client).With("url.full", "https://maps.example/v1?q=1")
            .Span(6, "shop", "publish", 60, 61, parent: 1, kind: SpanKind.Producer).With("messaging.system", "kafka").With("messaging.destination.name", "orders")
            .Span(7, "shop", "call", 62, 70, parent: 1, kind: SpanKind.Client).With("peer.service", "stock")
            .Span(8, "stock", "handle", 63, 69, parent: 7, kind: SpanKind.Server)
            .Span(9, "shop", "compute", 70, 75, parent: 1).With("server.address", "not.called")
            .Span(10, "mail", "receive", 200, 210, parent: 99, kind: SpanKind.Consumer).With("messaging.system", "kafka").With("messaging.destination.name", "orders")
            .Build();

        Assert.Equal(
            [
                "kafka/orders ~> mail: 1, 0 failed, 10/10",
                "shop > api.stripe.com: 1, 0 failed, 10/10",
                "shop > maps.example: 1, 0 failed, 10/10",
                "shop > postgresql/orders: 2, 1 failed, 10/20",
                "shop > stock: 1, 0 failed, 6/6",
                "shop ~> kafka/orders: 1, 0 failed, 1/1",
            ],
            Edges(DependencyGraph.Of(trace)));
    }

    [Fact]
    public void A_peer_that_is_known_by_name_is_the_service_of_that_name()
    {
        var calls = new DependencyCalls();
        calls.Add(new TraceBuilder().Span(1, "shop", "call", 0, 10, kind: SpanKind.Client).With("peer.service", "stock").Build());
        calls.Add(new TraceBuilder().Span(1, "shop", "call", 0, 20, kind: SpanKind.Client).With("peer.service", "stock").Span(2, "stock", "handle", 2, 14, parent: 1).Build());

        DependencyGraph graph = calls.ToGraph();

        Assert.Equal(["shop > stock: 2, 0 failed, 10/12"], Edges(graph));
        Assert.All(graph.Nodes, static node => Assert.Equal(DependencyKind.Service, node.Kind));
    }

    [Fact]
    public void The_same_graph_is_json_mermaid_and_dot()
    {
        DependencyGraph graph = DependencyGraph.Of(new TraceBuilder().Span(1, "shop", "select", 0, 10, kind: SpanKind.Client).Failed().With("db.system", "redis").Build());

        Assert.Equal(
            """{"nodes":[{"id":"n0","name":"shop","kind":"service"},{"id":"n1","name":"redis","kind":"database"}],"edges":[{"caller":"n0","callee":"n1","mode":"synchronous","calls":1,"errors":1,"p50Ms":10,"p95Ms":10}]}""",
            Json(graph));
        Assert.Equal("flowchart LR\n  n0[\"shop\"]\n  n1[(\"redis\")]\n  n0 -->|\"1 call, 1 failed, p50 10ms, p95 10ms\"| n1\n", DependencyText.ToMermaid(graph));
        Assert.Equal(
            "digraph dependencies {\n  rankdir=LR;\n  n0 [label=\"shop\", shape=box];\n  n1 [label=\"redis\", shape=cylinder];\n  n0 -> n1 [label=\"1 call, 1 failed, p50 10ms, p95 10ms\", color=red];\n}\n",
            DependencyText.ToDot(graph));
    }

    [Theory]
    [InlineData("\"]; click n0 \"javascript:alert(1)\"")]
    [InlineData("a\nb --> c%%{init: {}}%%")]
    [InlineData("<img src=x onerror=alert(1)>`#quot;\\\"")]
    public void Names_are_inert(string evil)
    {
        DependencyGraph graph = DependencyGraph.Of(new TraceBuilder().Span(1, "s" + evil, "op", 0, 10, kind: SpanKind.Client).With("peer.service", "p" + evil).Build());

        string[] mermaid = DependencyText.ToMermaid(graph).Split('\n');
        Assert.Equal(5, mermaid.Length);
        Assert.All(mermaid, static line => Assert.Matches("""^(flowchart LR|  n\d(\[|\(\[)"[^"<>`%\[\]{}()&\\]*"(\]|\]\))|  n0 -->\|"[^"]*"\| n1)?$""", line));
        string[] dot = DependencyText.ToDot(graph).Split('\n');
        Assert.Equal(7, dot.Length);
        Assert.All(dot[2..4], static line => Assert.Matches("""^  n\d \[label="([^"\\]|\\["\\])*", shape=\w+\];$""", line));
        Assert.Equal("p" + evil, JsonDocument.Parse(Json(graph)).RootElement.GetProperty("nodes")[1].GetProperty("name").GetString());
        Assert.DoesNotContain('<', Json(graph));
    }

    [Property(MaxTest = 150)]
    public void Every_call_between_services_is_counted_whatever_the_order(int seed)
    {
        var random = new RandomParts(seed);
        IReadOnlyList<SpanPart> parts = random.Parts(30);
        Trace trace = Of(parts);

        DependencyGraph graph = DependencyGraph.Of(trace);

        int Caller(int span)
        {
            int caller = trace.Parents[span];
            while (caller >= 0 && trace[caller].Service == 0)
            {
                caller = trace.Parents[caller];
            }

            return caller;
        }

        int calls = Enumerable.Range(0, trace.SpanCount).Count(span => trace[span].Service != 0 && Caller(span) is >= 0 and var caller && trace[caller].Service != trace[span].Service);
        Assert.Equal(calls, graph.Edges.Sum(static edge => edge.Calls));
        Assert.Equal(Json(graph), Json(DependencyGraph.Of(Of(random.Shuffle(parts)))));
    }

    private static Trace Of(IEnumerable<SpanPart> parts)
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> ranges) = RandomParts.Merge(parts);
        return new Trace(batch, ranges[0]);
    }

    private static string Json(DependencyGraph graph)
    {
        var json = new ArrayBufferWriter<byte>();
        DependencyText.WriteJson(json, graph);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static string[] Edges(DependencyGraph graph) =>
    [
        .. graph.Edges.Select(static edge => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{edge.Caller.Name} {(edge.IsMessaging ? "~>" : ">")} {edge.Callee.Name}: {edge.Calls}, {edge.Errors} failed, {edge.P50Nano / 1_000_000}/{edge.P95Nano / 1_000_000}"))
            .Order(StringComparer.Ordinal),
    ];
}
