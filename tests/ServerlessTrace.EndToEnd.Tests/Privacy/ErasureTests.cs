using System.Net;
using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.LocalHost;

namespace ServerlessTrace.EndToEnd.Tests.Privacy;

/// <summary>Erasing over HTTP and on the command line, on storage of its own: it looks at everything that is stored.</summary>
public sealed class ErasureTests : IAsyncLifetime
{
    private const string Value = "ord-to-be-erased";
    private readonly OwnAzurite _azurite = new();

    public Task InitializeAsync() => _azurite.InitializeAsync();

    public Task DisposeAsync() => _azurite.DisposeAsync();

    [Fact]
    public async Task Everything_of_an_order_is_erased_does_not_come_back_and_the_record_says_so()
    {
        await using RunningService service = await RunningService.StartAsync(
            _azurite.ConnectionString, new Dictionary<string, string> { ["Erasure:SettleAfter"] = "00:00:00.500", ["Seal:Window"] = "00:00:00.500" });
        (string gone, string kept) = (SpanLogs.NewTraceId(), SpanLogs.NewTraceId());
        string lines = Order(gone, Value) + Order(kept, "ord-of-another");
        await service.DropAsync("orders.ndjson", lines);
        await service.TraceAsync(gone);
        await service.TraceAsync(kept);

        (HttpStatusCode status, Uri record) = await DeleteAsync(service, $"api/correlations/order_id/{Value}?by=ann&reason=case%207");
        Assert.Equal(HttpStatusCode.Accepted, status);
        JsonObject done = await DoneAsync(service, record);

        Assert.Equal((1L, "orderid", "ann", false, "case 7"), ((long)done["traces"]!, (string)done["key"]!, (string)done["by"]!, (bool)done["byVerified"]!, (string)done["reason"]!));
        JsonNode source = Assert.Single(done["remaining"]!["sources"]!.AsArray())!;
        Assert.Equal(("orders.ndjson", false), ((string)source["name"]!, source["keptUntil"] is not null));
        string all = (await service.GetJsonAsync("api/erasures")).ToJsonString();
        Assert.DoesNotContain(Value, all, StringComparison.Ordinal);
        Assert.DoesNotContain(gone, all, StringComparison.Ordinal);
        Assert.Single((await service.GetJsonAsync($"api/erasures?key=order.id&value={Value}"))["erasures"]!.AsArray());
        Assert.Empty((await service.GetJsonAsync($"api/erasures?traceId={gone}"))["erasures"]!.AsArray());

        Assert.Null(await service.FindTraceAsync(gone));
        Assert.Equal([kept], (await service.TracesAsync()).Select(trace => (string)trace["traceId"]!));
        Assert.Equal(HttpStatusCode.NotFound, (await service.Http.GetAsync(new Uri($"api/correlations/order_id/{Value}", UriKind.Relative))).StatusCode);

        // The same file again, under another name.
        await service.DropAsync("again.ndjson", lines);
        JsonObject receipt = await service.ReceiptAsync("again.ndjson");
        Assert.Equal((2L, 2L, 1L), ((long)receipt["erased"]!, (long)receipt["spans"]!, (long)receipt["traces"]!));
        Assert.Contains("were erased", (string)Assert.Single(receipt["notes"]!.AsArray())!, StringComparison.Ordinal);
        Assert.Equal(2L, (long)(await service.GetJsonAsync("api/usage"))["days"]![0]!["erased"]!);
        Assert.Null(await service.FindTraceAsync(gone));
    }

    [Theory]
    [InlineData(DurableBackend.Table)]
    [InlineData(DurableBackend.AzureStorage)]
    public async Task A_host_that_is_killed_in_the_middle_leaves_the_rest_to_the_next_one(DurableBackend backend)
    {
        (string, string) settle = ("Erasure__SettleAfter", "00:00:02");
        string gone = SpanLogs.NewTraceId();
        Uri record;
        await using (HostProcess host = await _azurite.StartHostAsync(backend, settle))
        {
            await host.Service.DropAsync("orders.ndjson", Order(gone, Value));
            await host.Service.TraceAsync(gone);
            (_, record) = await DeleteAsync(host.Service, $"api/traces/{gone}");

            // From here on it is marked, and neither row nor summary is deleted yet: every instance is to know of it first.
            await Eventually.GetAsync(() => host.Service.FindTraceAsync(gone), trace => trace is null, "The trace is not to be read any more");
            Assert.NotEmpty(await host.Service.TracesAsync());
            await host.KillAsync();
        }

        await using HostProcess next = await _azurite.StartHostAsync(backend, settle);
        JsonObject done = await DoneAsync(next.Service, record);
        Assert.Equal(1L, (long)done["traces"]!);
        Assert.Empty(await next.Service.TracesAsync());
        Assert.Null(await next.Service.FindTraceAsync(gone));
    }

    [Fact]
    public async Task The_command_line_erases_and_waits_and_nonsense_is_refused()
    {
        await using RunningService service = await RunningService.StartAsync(
            _azurite.ConnectionString, new Dictionary<string, string> { ["Erasure:SettleAfter"] = "00:00:00.500", ["Seal:Window"] = "00:00:00.500" });
        string gone = SpanLogs.NewTraceId();
        await service.DropAsync("orders.ndjson", Order(gone, Value));
        await service.TraceAsync(gone);

        string output = await Tool.RunAsync(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "serverlesstrace.dll"), "erase", "--trace-id", gone, "--yes"],
            AppContext.BaseDirectory,
            ("SERVERLESSTRACE_URL", service.Http.BaseAddress!.ToString()),
            ("SERVERLESSTRACE_KEY", service.Host.Keys.Function));

        Assert.Contains("1 trace(s) erased", output, StringComparison.Ordinal);
        Assert.Contains("still in span-logs/orders.ndjson, until you delete it", output, StringComparison.Ordinal);
        Assert.Null(await service.FindTraceAsync(gone));
        Assert.Equal(HttpStatusCode.BadRequest, (await DeleteAsync(service, "api/traces/not-hex")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await DeleteAsync(service, "api/correlations/no_key/1")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await DeleteAsync(service, $"api/traces/{gone}?by={new string('x', 201)}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await service.Http.GetAsync(new Uri("api/erasures/0000000000000-00000000", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await service.Http.GetAsync(new Uri("api/erasures?cursor=x", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.Anonymous.DeleteAsync(new Uri($"api/traces/{gone}", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task A_customer_with_thousands_of_traces_is_erased_batch_by_batch()
    {
        const int Traces = 2_500;
        await using RunningService service = await RunningService.StartAsync(
            _azurite.ConnectionString, new Dictionary<string, string> { ["Erasure:SettleAfter"] = "00:00:00.500" });
        string kept = SpanLogs.NewTraceId();
        IEnumerable<string> lines = Enumerable.Range(0, Traces).Select(_ => Order(SpanLogs.NewTraceId(), Value)).Append(Order(kept, "ord-of-another"));
        await service.DropAsync("many.ndjson", string.Concat(lines));
        await Eventually.GetAsync(async () => (await service.TracesAsync()).Count, count => count == Traces + 1, "Everything is sealed");

        (_, Uri record) = await DeleteAsync(service, $"api/correlations/order_id/{Value}");
        JsonObject done = await DoneAsync(service, record);

        Assert.Equal(Traces, (long)done["traces"]!);
        Assert.Equal([kept], (await service.TracesAsync()).Select(trace => (string)trace["traceId"]!));
    }

    private static async Task<(HttpStatusCode Status, Uri Record)> DeleteAsync(RunningService service, string path)
    {
        using HttpResponseMessage response = await service.Http.DeleteAsync(new Uri(path, UriKind.Relative));
        if (response.StatusCode == HttpStatusCode.Accepted)
        {
            Assert.NotNull(response.Headers.RetryAfter);
        }

        return (response.StatusCode, response.Headers.Location ?? new Uri("/", UriKind.Relative));
    }

    private static Task<JsonObject> DoneAsync(RunningService service, Uri record) =>
        Eventually.GetAsync(() => service.GetJsonAsync(record.ToString()), json => (string)json["state"]! == "done", "The erasure is done");

    private static string Order(string trace, string order) => SpanLogs.Span(trace, "a000000000000001", "shop", "pay", 0, 10, attributes: $"\"order_id\":\"{order}\"");
}
