using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Posts;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests;

/// <summary>Stories of business values that are open, and of one that very many traces have.</summary>
public sealed class CorrelationTests : IAsyncLifetime
{
    private const int Crowd = 2_100;
    private const string Range = "from=2026-02-26T00:00:00Z&to=2026-02-27T00:00:00Z";
    private readonly OwnAzurite _azurite = new();
    private RunningService _service = null!;

    public async Task InitializeAsync()
    {
        await _azurite.InitializeAsync();
        _service = await RunningService.StartAsync(
            _azurite.ConnectionString, new Dictionary<string, string> { ["Seal:Window"] = "00:00:00.500", ["Seal:QuietPeriod"] = "01:00:00" });
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await _azurite.DisposeAsync();
    }

    [Fact]
    public async Task A_trace_that_is_open_is_in_the_story_and_says_so()
    {
        string trace = SpanLogs.NewTraceId();
        string done = SpanLogs.NewTraceId();
        await _service.DropAsync("done.ndjson", SpanLogs.Span(done, "00000000000000b1", "shop", "POST /orders", 0, 20, attributes: "\"order_id\":\"ord-open\""));
        await _service.TraceAsync(done);

        // Its parent has not come.
        await _service.DropAsync("open.ndjson", SpanLogs.Span(trace, "00000000000000c2", "billing", "charge", 60_000, 10, "00000000000000c1", attributes: "\"order_id\":\"ord-open\""));
        JsonArray traces = await Eventually.GetAsync(
            async () => (await _service.GetJsonAsync($"api/correlations/order_id/ord-open?{Range}"))["traces"]!.AsArray(), traces => traces.Count == 2, "Both traces");

        Assert.Equal([done, trace], traces.Select(one => (string)one!["traceId"]!));
        Assert.Equal([true, false], traces.Select(one => (bool)one!["sealed"]!));
        Assert.Equal("charge", (string)traces[1]!["steps"]![0]!["operation"]!);
        JsonObject second = await _service.GetJsonAsync(
            $"api/correlations/order_id/ord-open?{Range}&limit=1&cursor={(string)(await _service.GetJsonAsync($"api/correlations/order_id/ord-open?{Range}&limit=1"))["nextCursor"]!}");
        Assert.Equal(trace, (string)second["traces"]!.AsArray().Single()!["traceId"]!);
        string text = await _service.Http.GetStringAsync(new Uri($"api/correlations/order_id/ord-open?{Range}&format=text", UriKind.Relative));
        Assert.Contains("(open: spans may still arrive)", text, StringComparison.Ordinal);

        using HttpResponseMessage other = await _service.Http.GetAsync(new Uri($"api/correlations/order_id/ord-ope?{Range}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task Every_trace_of_a_crowded_hour_is_on_one_page_and_none_on_two()
    {
        var logs = new StringBuilder();
        for (int n = 0; n < Crowd; n++)
        {
            logs.Append(SpanLogs.Span(SpanLogs.NewTraceId(), "00000000000000d1", "shop", string.Create(CultureInfo.InvariantCulture, $"view {n}"), n * 1_000, 5, attributes: "\"session_id\":\"crowd\""));
        }

        await _service.DropAsync("crowd.ndjson", logs.ToString());
        await _service.ReceiptAsync("crowd.ndjson");
        await _service.NothingOpenAsync();

        var seen = new List<string>();
        string cursor = string.Empty;
        do
        {
            JsonObject page = await _service.GetJsonAsync($"api/correlations/session_id/crowd?{Range}&limit=200{cursor}");
            seen.AddRange(page["traces"]!.AsArray().Select(trace => (string)trace!["steps"]![0]!["operation"]!));
            cursor = page["nextCursor"] is { } next ? $"&cursor={(string)next!}" : string.Empty;
        }
        while (cursor.Length > 0);

        Assert.Equal(Enumerable.Range(0, Crowd).Select(n => string.Create(CultureInfo.InvariantCulture, $"view {n}")), seen);
    }

    [Fact]
    public async Task Traces_of_a_value_that_somebody_chose_for_its_mark_end_a_page_and_no_request_reads_them_all()
    {
        // Both values have the same mark of three bytes: found by trying sixteen million.
        const string Wanted = "ord-wanted";
        const string Chosen = "x16053885";
        var logs = new StringBuilder();
        for (int n = 0; n < 2_000; n++)
        {
            logs.Append(SpanLogs.Span(SpanLogs.NewTraceId(), "00000000000000e1", "shop", "view", n * 100, 5, attributes: $"\"order_id\":\"{Chosen}\""));
        }

        string trace = SpanLogs.NewTraceId();
        logs.Append(SpanLogs.Span(trace, "00000000000000e2", "shop", "order", 300_000, 5, attributes: $"\"order_id\":\"{Wanted}\""));
        await _service.DropAsync("chosen.ndjson", logs.ToString());
        await _service.ReceiptAsync("chosen.ndjson");
        await _service.NothingOpenAsync();

        JsonObject first = await _service.GetJsonAsync($"api/correlations/order_id/{Wanted}?{Range}");
        JsonObject second = await _service.GetJsonAsync($"api/correlations/order_id/{Wanted}?{Range}&cursor={(string)first["nextCursor"]!}");

        Assert.Empty(first["traces"]!.AsArray());
        Assert.Equal(trace, (string)Assert.Single(second["traces"]!.AsArray())!["traceId"]!);
    }
}
