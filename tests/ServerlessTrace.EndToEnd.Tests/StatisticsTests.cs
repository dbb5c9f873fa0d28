using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests;

/// <summary>What many traces come to: latency, dependencies, business values, and the story of a transaction.</summary>
public sealed class StatisticsTests(StatisticsFixture fixture) : IClassFixture<StatisticsFixture>
{
    private const string Range = "from=2026-02-26T18:00:00Z&to=2026-02-26T18:10:00Z";
    private const string Later = "from=2026-02-26T18:10:00Z&to=2026-02-26T18:20:00Z";

    private RunningService Service => fixture.Service;

    [Fact]
    public async Task Latency_has_percentiles_rate_and_errors_by_service_operation_and_step()
    {
        JsonObject latency = await Service.GetJsonAsync($"api/latency?{Range}&service=shop-gateway&step=trace");
        JsonObject series = latency["series"]!.AsArray().Single()!.AsObject();
        Assert.Equal("POST /orders", (string)series["operation"]!);
        JsonObject total = series["total"]!.AsObject();
        Assert.Equal(100, (double)total["count"]!);
        Assert.Equal(5, (double)total["errors"]!);
        Assert.Equal(0.05, (double)total["errorRate"]!);
        Assert.Equal(100 / 600.0, (double)total["ratePerSecond"]!, 1e-5);
        AssertNear(149, (double)total["p50Ms"]!);
        AssertNear(194, (double)total["p95Ms"]!);
        AssertNear(198, (double)total["p99Ms"]!);

        JsonArray points = (await Service.GetJsonAsync($"api/latency?{Range}&service=shop-payments&interval=5m"))["series"]!.AsArray().Single()!["points"]!.AsArray();
        Assert.Equal([50.0, 50.0], points.Select(point => (double)point!["numbers"]!["count"]!));
        Assert.Equal("2026-02-26T18:05:00+00:00", (string)points[1]!["time"]!);
    }

    [Fact]
    public async Task Two_ranges_of_time_are_compared_by_service_and_operation()
    {
        JsonArray changes = (await Service.GetJsonAsync($"api/latency/comparison?{Later}&step=span"))["changes"]!.AsArray();
        JsonObject worst = changes[0]!.AsObject();
        Assert.Equal(("shop-payments", "charge"), ((string)worst["service"]!, (string)worst["operation"]!));
        Assert.Equal(12_000, (double)worst["costMs"]!, 1);
        Assert.Contains(changes, change => (string)change!["service"]! == "shop-gateway" && (double)change["costMs"]! > 0);
        Assert.DoesNotContain(changes, change => (string)change!["service"]! == "shop-stock");

        JsonObject itself = await Service.GetJsonAsync($"api/latency/comparison?{Range}&baselineFrom=2026-02-26T18:00:00Z&baselineTo=2026-02-26T18:10:00Z");
        Assert.Empty(itself["changes"]!.AsArray());
    }

    [Fact]
    public async Task The_critical_paths_of_slow_traces_say_where_their_time_goes()
    {
        JsonObject profile = await Service.GetJsonAsync($"api/latency/critical-path?{Later}&service=shop-gateway&percentile=90");
        Assert.InRange((int)profile["slowTraces"]!, 3, 12);
        Assert.Equal((int)profile["slowTraces"]!, (int)profile["analysedTraces"]!);
        JsonArray parts = profile["parts"]!.AsArray();
        Assert.Equal("shop-payments", (string)parts[0]!["service"]!);
        Assert.Equal(1, parts.Sum(part => (double)part!["share"]!), 1e-3);
        Assert.NotEmpty(profile["examples"]!.AsArray());
    }

    [Fact]
    public async Task Services_operations_and_dependencies_are_listed_and_drawn()
    {
        JsonArray services = (await Service.GetJsonAsync($"api/services?{Range}"))["services"]!.AsArray();
        Assert.Equal(["shop-gateway", "shop-payments", "shop-stock"], services.Select(service => (string)service!["name"]!));
        JsonArray operations = (await Service.GetJsonAsync($"api/services/shop-payments/operations?{Range}"))["operations"]!.AsArray();
        Assert.Equal(["charge"], operations.Select(operation => (string)operation!["name"]!));

        JsonObject graph = await Service.GetJsonAsync($"api/dependencies?{Range}");
        JsonObject edge = graph["edges"]!.AsArray().Select(edge => edge!.AsObject())
            .Single(edge => Name(graph, edge["caller"]!) == "shop-gateway" && Name(graph, edge["callee"]!) == "shop-payments");
        Assert.Equal((100, 5), ((int)edge["calls"]!, (int)edge["errors"]!));
        Assert.Contains(graph["edges"]!.AsArray(), edge => Name(graph, edge!["callee"]!) == "postgresql/stock");
        Assert.StartsWith("flowchart LR\n", await Service.Http.GetStringAsync(new Uri($"api/dependencies?{Range}&format=mermaid", UriKind.Relative)), StringComparison.Ordinal);
        Assert.StartsWith("digraph ", await Service.Http.GetStringAsync(new Uri($"api/dependencies?{Range}&format=dot", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Business_values_are_measured_by_outcome()
    {
        JsonArray metrics = (await Service.GetJsonAsync($"api/business-metrics?{Range}&key=amount"))["metrics"]!.AsArray();
        Assert.Equal(["OK", "ERROR"], metrics.Select(metric => (string)metric!["outcome"]!).OrderDescending());
        JsonObject ok = metrics.Single(metric => (string)metric!["outcome"]! == "OK")!["total"]!.AsObject();
        Assert.Equal(95, (double)ok["count"]!);
        Assert.Equal(Enumerable.Range(0, 100).Where(n => n % 20 != 0).Sum(n => n + 0.5), (double)ok["sum"]!, 1e-3);
    }

    [Fact]
    public async Task A_transaction_is_told_as_one_story_over_all_of_its_traces()
    {
        JsonObject story = await Service.GetJsonAsync("api/correlations/order_id/ord-1007?from=2026-02-26T00:00:00Z&to=2026-02-27T00:00:00Z");
        JsonArray traces = story["traces"]!.AsArray();
        Assert.Equal(2, traces.Count);
        Assert.True(string.CompareOrdinal((string)traces[0]!["startTime"]!, (string)traces[1]!["startTime"]!) < 0);
        JsonObject step = traces[0]!["steps"]!.AsArray().Select(item => item!.AsObject()).Single(item => (string)item["service"]! == "shop-payments");
        Assert.Equal(("shop-gateway", "charge", "OK"), ((string)step["caller"]!, (string)step["operation"]!, (string)step["result"]!));

        JsonObject first = await Service.GetJsonAsync("api/correlations/orderId/ord-1007?from=2026-02-26T00:00:00Z&to=2026-02-27T00:00:00Z&limit=1");
        JsonObject second = await Service.GetJsonAsync(
            $"api/correlations/orderId/ord-1007?from=2026-02-26T00:00:00Z&to=2026-02-27T00:00:00Z&limit=1&cursor={(string)first["nextCursor"]!}");
        Assert.Equal((string)traces[1]!["traceId"]!, (string)second["traces"]!.AsArray().Single()!["traceId"]!);

        string text = await Service.Http.GetStringAsync(
            new Uri("api/correlations/order_id/ord-1007?from=2026-02-26T00:00:00Z&to=2026-02-27T00:00:00Z&format=text", UriKind.Relative));
        Assert.StartsWith("order_id = ord-1007: 2 traces\n", text, StringComparison.Ordinal);
        Assert.Contains("shop-gateway → shop-payments: charge", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traces_are_searched_by_attributes_and_by_the_duration_of_a_span()
    {
        Assert.Equal(2, (await Service.TracesAsync("attr=order_id:ord-1007")).Count);
        Assert.Single(await Service.TracesAsync("attr=order_id:ord-1007&minSpanDuration=400ms"));
        Assert.Empty(await Service.TracesAsync("attr=order_id:ord-5000"));
        Assert.Equal(2, (await Service.TracesAsync("attr=order_id:ord-1007&attr=db.system:postgresql")).Count);

        // No business key: the traces themselves are looked at.
        Assert.Equal(10, (await Service.TracesAsync("attr=region:eu-9&limit=7")).Count);
    }

    [Theory]
    [InlineData("api/latency?from=yesterday")]
    [InlineData("api/latency?from=2026-02-26T18:00:00Z&to=2026-02-26T17:00:00Z")]
    [InlineData("api/latency?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z")]
    [InlineData("api/latency?step=hop")]
    [InlineData("api/latency?interval=10s")]
    [InlineData("api/latency?limit=0")]
    [InlineData("api/latency/critical-path?percentile=100")]
    [InlineData("api/dependencies?format=svg")]
    [InlineData("api/traces?attr=colon")]
    [InlineData("api/correlations/shoe_size/44")]
    [InlineData("api/correlations/order_id/1?cursor=x")]
    public async Task What_makes_no_sense_is_refused_with_a_reason(string path)
    {
        using HttpResponseMessage response = await Service.Http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        foreach (string path in new[] { "api/correlations/order_id/never?from=2026-02-26T00:00:00Z", $"api/services/nobody/operations?{Range}" })
        {
            using HttpResponseMessage response = await Service.Http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    private static string Name(JsonObject graph, JsonNode id) =>
        (string)graph["nodes"]!.AsArray().Single(node => (string)node!["id"]! == (string)id!)!["name"]!;

    private static void AssertNear(double expected, double actual) => Assert.InRange(actual, expected * 0.989, expected * 1.011);
}

/// <summary>A service with 100 orders in ten minutes, of which five fail, and 30 slower ones in the next ten.</summary>
public sealed class StatisticsFixture : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();

    internal RunningService Service { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _azurite.InitializeAsync();
        Service = await RunningService.StartAsync(
            _azurite.ConnectionString, new Dictionary<string, string> { ["Seal:Window"] = "00:00:00.500", ["Seal:QuietPeriod"] = "00:00:04" });
        var logs = new StringBuilder();
        for (int n = 0; n < 100; n++)
        {
            logs.Append(Order(n, n * 6_000, 100 + n, 50, failed: n % 20 == 0));
        }

        for (int n = 0; n < 30; n++)
        {
            logs.Append(Order(n + 1_000, 600_000 + (n * 6_000), 500 + (n * 2), 450, failed: false));
        }

        // One of the orders was tried before.
        logs.Append(Order(1_007, -60_000, 150, 50, failed: false, amount: false));
        await Service.DropAsync("orders.ndjson", logs.ToString());
        await Eventually.GetAsync(() => Service.TracesAsync(), traces => traces.Count == 131, "131 sealed traces", TimeSpan.FromMinutes(3));
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        await _azurite.DisposeAsync();
    }

    private static string Order(int n, int startMs, int durationMs, int paymentMs, bool failed, bool amount = true)
    {
        string trace = SpanLogs.NewTraceId();
        string status = failed ? "ERROR" : "OK";
        string root = amount ? "POST /orders" : "POST /orders/retry";
        string attributes = string.Create(CultureInfo.InvariantCulture, $"\"order_id\":\"ord-{n}\",\"region\":\"eu-{n % 100 / 10}\"{(amount ? $",\"amount\":{n}.5" : string.Empty)}");
        return SpanLogs.Span(trace, "00000000000000a1", "shop-gateway", root, startMs, durationMs, status: status, attributes: attributes)
            + SpanLogs.Span(trace, "00000000000000a2", "shop-payments", "charge", startMs + 10, paymentMs - 20, "00000000000000a1", status: status)
            + SpanLogs.Span(trace, "00000000000000a3", "shop-stock", "reserve", startMs + paymentMs - 5, 20, "00000000000000a1")
            + SpanLogs.Span(
                trace, "00000000000000a4", "shop-stock", "SELECT stock", startMs + paymentMs, 10, "00000000000000a3", "CLIENT",
                attributes: "\"db.system\":\"postgresql\",\"db.name\":\"stock\"");
    }
}
