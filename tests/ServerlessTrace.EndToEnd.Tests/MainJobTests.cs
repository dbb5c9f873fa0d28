using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests;

/// <summary>A log file dropped into blob storage becomes a trace report.</summary>
public sealed class MainJobTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private RunningService Service => fixture.Service;

    [Fact]
    public async Task A_dropped_file_becomes_a_sealed_trace_with_a_report()
    {
        string trace = SpanLogs.NewTraceId();
        await Service.DropAsync($"happy/{trace}.ndjson", Checkout(trace));

        JsonObject json = await Service.TraceAsync(trace);
        Assert.Equal(1, (int)json["revision"]!);
        Assert.Equal("ERROR", (string)json["status"]!);
        Assert.Equal(3, (int)json["spanCount"]!);
        Assert.Equal("api-gateway", (string)json["root"]!["service"]!);
        Assert.Equal("ord-789", (string)json["business"]!["order_id"]!);

        string report = await Service.Http.GetStringAsync(new Uri($"api/traces/{trace}/report", UriKind.Relative));
        Assert.Contains("Trace ID: " + trace, report, StringComparison.Ordinal);
        Assert.Contains("process_payment", report, StringComparison.Ordinal);
        Assert.Contains("Critical Path", report, StringComparison.Ordinal);
        JsonObject sameAsJson = await Service.GetJsonAsync($"api/traces/{trace}/report?format=json");
        Assert.True(JsonNode.DeepEquals(json, sameAsJson));

        JsonObject receipt = await Service.ReceiptAsync(trace);
        Assert.Equal("complete", (string)receipt["state"]!);
        Assert.Equal(6, (int)receipt["records"]!);
        Assert.Equal(1, (int)receipt["traces"]!);
    }

    [Fact]
    public async Task A_trace_can_be_had_in_the_formats_of_other_tools_and_as_markdown()
    {
        string trace = SpanLogs.NewTraceId();
        await Service.DropAsync($"exported-{trace}.ndjson", Checkout(trace));
        await Service.TraceAsync(trace);

        Assert.NotEmpty((await Service.GetJsonAsync($"api/traces/{trace}?format=otlp"))["resourceSpans"]!.AsArray());
        Assert.Equal(trace, (string)(await Service.GetJsonAsync($"api/traces/{trace}?format=jaeger"))["data"]![0]!["traceID"]!);
        Assert.NotEmpty((await Service.GetJsonAsync($"api/traces/{trace}?format=chrome"))["traceEvents"]!.AsArray());
        string zipkin = await Service.Http.GetStringAsync(new Uri($"api/traces/{trace}?format=zipkin", UriKind.Relative));
        Assert.Equal(3, JsonNode.Parse(zipkin)!.AsArray().Count);

        using var protobuf = new HttpRequestMessage(HttpMethod.Get, $"api/traces/{trace}?format=otlp");
        protobuf.Headers.Accept.ParseAdd("application/x-protobuf");
        using HttpResponseMessage message = await Service.Http.SendAsync(protobuf);
        Assert.Equal("application/x-protobuf", message.Content.Headers.ContentType!.MediaType);
        var spans = new SpanBatch();
        OtlpRequest.ReadTraces(await message.Content.ReadAsByteArrayAsync(), isJson: false, spans, new ReadLimits());
        Assert.Equal(3, spans.Count);

        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/traces/{trace}/report");
        request.Headers.Accept.ParseAdd("text/markdown");
        using HttpResponseMessage response = await Service.Http.SendAsync(request);
        Assert.Equal("text/markdown", response.Content.Headers.ContentType!.MediaType);
        string markdown = await response.Content.ReadAsStringAsync();
        Assert.StartsWith("# Distributed Trace Analysis\n", markdown, StringComparison.Ordinal);
        Assert.Equal(markdown, await Service.Http.GetStringAsync(new Uri($"api/traces/{trace}/report?format=markdown", UriKind.Relative)));
    }

    [Fact]
    public async Task Compressed_files_and_arrays_are_read_whatever_their_name()
    {
        string zipped = SpanLogs.NewTraceId();
        string array = SpanLogs.NewTraceId();
        using var gzip = new MemoryStream();
        using (var stream = new GZipStream(gzip, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(Encoding.UTF8.GetBytes(Checkout(zipped)));
        }

        await Service.DropAsync($"no-extension-{zipped}", BinaryData.FromBytes(gzip.ToArray()));
        await Service.DropAsync($"wrong-{array}.gz", $"[{string.Join(",", Checkout(array).Split('\n', StringSplitOptions.RemoveEmptyEntries))}]");

        Assert.Equal(3, (int)(await Service.TraceAsync(zipped))["spanCount"]!);
        Assert.Equal(3, (int)(await Service.TraceAsync(array))["spanCount"]!);
        Assert.Equal("gzip", (string)(await Service.ReceiptAsync(zipped))["compression"]!);
    }

    [Fact]
    public async Task Bad_lines_are_in_the_receipt_and_good_ones_in_the_trace()
    {
        string trace = SpanLogs.NewTraceId();
        await Service.DropAsync(
            $"mixed-{trace}.log",
            "this is no JSON\n" + Checkout(trace) + "{\"trace_id\":\"not hexadecimal\",\"span_id\":\"b7ad6b7169203331\",\"event\":\"span_start\"}\n");

        Assert.Equal(3, (int)(await Service.TraceAsync(trace))["spanCount"]!);
        JsonObject receipt = await Service.ReceiptAsync($"mixed-{trace}");
        Assert.Equal("partial", (string)receipt["state"]!);
        Assert.Equal(2, (int)receipt["rejected"]!);
        JsonArray rejections = receipt["rejections"]!.AsArray();
        Assert.Equal(1, (int)rejections[0]!["line"]!);
        Assert.Contains("this is no JSON", (string)rejections[0]!["excerpt"]!, StringComparison.Ordinal);
        Assert.Equal(8, (int)rejections[1]!["line"]!);
        Assert.Contains("trace_id", (string)rejections[1]!["reason"]!, StringComparison.Ordinal);

        JsonObject again = await Service.GetJsonAsync("api/receipts/" + (string)receipt["id"]!);
        Assert.True(JsonNode.DeepEquals(receipt, again));
    }

    [Fact]
    public async Task A_source_that_cannot_be_read_is_put_aside_with_the_reason()
    {
        string name = $"corrupt-{Guid.NewGuid():n}.gz";
        await Service.DropAsync(name, BinaryData.FromBytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff, 0xff]));

        JsonObject receipt = await Service.ReceiptAsync(name);
        Assert.Equal("failed", (string)receipt["state"]!);
        Assert.NotEmpty((string)receipt["reason"]!);
        BlobProperties properties = await Service.Rejected.GetBlobClient((string)receipt["id"]!).GetPropertiesAsync();
        Assert.Equal("span-logs/" + name, properties.Metadata["source"]);
        Assert.Equal(15, properties.ContentLength);
    }

    [Fact]
    public async Task Messages_may_be_bare_or_enveloped_plain_or_base64()
    {
        string bare = SpanLogs.NewTraceId();
        string encoded = SpanLogs.NewTraceId();
        string enveloped = SpanLogs.NewTraceId();
        await Service.Queue().SendMessageAsync(Checkout(bare));
        await Service.Queue().SendMessageAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(Checkout(encoded))));
        string record = SpanLogs.End(enveloped, "00f067aa0ba902b7", "worker", "handle", 50, 20, kind: "CONSUMER").Trim();
        await Service.Queue().SendMessageAsync(
            $"{{\"headers\":{{\"traceparent\":\"00-{enveloped}-b7ad6b7169203331-01\",\"correlation_id\":\"tx-123456\"}},\"body\":{record}}}");

        Assert.Equal(3, (int)(await Service.TraceAsync(bare))["spanCount"]!);
        Assert.Equal(3, (int)(await Service.TraceAsync(encoded))["spanCount"]!);
        JsonObject trace = await Service.TraceAsync(enveloped);
        Assert.Equal("handle", (string)trace["spans"]![0]!["name"]!);
        Assert.Equal("tx-123456", (string)trace["business"]!["correlation_id"]!);
    }

    [Fact]
    public async Task One_file_per_service_arriving_apart_gives_one_revision()
    {
        // The service must be known as one that sends spans before its file can be waited for.
        await Service.DropAsync("known.ndjson", SpanLogs.Span(SpanLogs.NewTraceId(), "a000000000000001", "apart-payments", "warm_up", 0, 1));
        await Service.ReceiptAsync("known.ndjson");
        string trace = SpanLogs.NewTraceId();
        await Service.DropAsync(
            $"apart-gateway-{trace}.ndjson",
            SpanLogs.Span(trace, "a000000000000001", "apart-gateway", "POST /pay", 0, 100)
            + SpanLogs.Span(trace, "a000000000000002", "apart-gateway", "call", 10, 80, "a000000000000001", "CLIENT", attributes: "\"peer.service\":\"apart-payments\""));
        JsonObject early = await Service.TraceAsync(trace, _ => true, "readable");
        Assert.False(RunningService.IsSealed(early));

        await Service.DropAsync($"apart-payments-{trace}.ndjson", SpanLogs.Span(trace, "a000000000000003", "apart-payments", "pay", 20, 60, "a000000000000002"));
        JsonObject whole = await Service.TraceAsync(trace);
        Assert.Equal(3, (int)whole["spanCount"]!);
        Assert.Equal(1, (int)whole["revision"]!);
    }

    [Fact]
    public async Task The_same_content_again_changes_nothing()
    {
        string trace = SpanLogs.NewTraceId();
        await Service.DropAsync($"again-{trace}.ndjson", Checkout(trace));
        JsonObject first = await Service.TraceAsync(trace);

        await Service.DropAsync($"again-{trace}.ndjson", Checkout(trace));
        await Service.DropAsync($"copy-{trace}.ndjson", Checkout(trace));
        await Service.Queue().SendMessageAsync(Checkout(trace));
        await Eventually.GetAsync(
            async () => (await Service.ReceiptsAsync()).Count(receipt => (int)receipt["traces"]! == 1 && ((string)receipt["source"]!).Contains(trace, StringComparison.Ordinal)),
            count => count == 3,
            "Three receipts");
        await NothingOpenAsync();

        Assert.True(JsonNode.DeepEquals(first, await Service.FindTraceAsync(trace)));
        Assert.Single(await Service.TracesAsync(), item => (string)item["traceId"]! == trace);
    }

    [Fact]
    public async Task A_late_span_makes_a_second_revision()
    {
        string trace = SpanLogs.NewTraceId();
        string lines = Checkout(trace);
        await Service.DropAsync($"early-{trace}.ndjson", lines);
        Assert.Equal(1, (int)(await Service.TraceAsync(trace))["revision"]!);

        await Service.DropAsync($"late-{trace}.ndjson", SpanLogs.Span(trace, "a000000000000009", "notification-service", "notify", 150, 20, "a000000000000001"));
        JsonObject revised = await Service.TraceAsync(trace, json => (int)json["revision"]! == 2, "revised");
        Assert.Equal(4, (int)revised["spanCount"]!);
        JsonObject listed = Assert.Single(await Service.TracesAsync(), item => (string)item["traceId"]! == trace);
        Assert.Equal(4, (int)listed["spanCount"]!);
        Assert.Equal(2, (int)listed["revision"]!);
    }

    [Fact]
    public async Task An_open_span_is_sealed_after_the_quiet_period_and_completed_by_its_late_end()
    {
        string trace = SpanLogs.NewTraceId();
        await Service.DropAsync($"open-{trace}.ndjson", SpanLogs.Start(trace, "a000000000000001", "batch", "nightly", 0));
        JsonObject open = await Service.TraceAsync(trace);
        Assert.Equal("INCOMPLETE", (string)open["status"]!);

        await Service.DropAsync($"end-{trace}.ndjson", SpanLogs.End(trace, "a000000000000001", "batch", "nightly", 7_200_000, 7_200_000));
        JsonObject ended = await Service.TraceAsync(trace, json => (int)json["revision"]! == 2, "revised");
        Assert.Equal("OK", (string)ended["status"]!);
        Assert.Equal(7_200_000, (double)ended["durationMs"]!);
    }

    [Fact]
    public async Task Search_filters_by_service_status_duration_and_time()
    {
        string service = $"searched-{Guid.NewGuid():n}";
        string quick = SpanLogs.NewTraceId();
        string slow = SpanLogs.NewTraceId();
        string failed = SpanLogs.NewTraceId();
        await Service.DropAsync(
            service,
            SpanLogs.Span(quick, "a000000000000001", service, "get", 0, 10)
            + SpanLogs.Span(slow, "a000000000000001", service, "list", 60_000, 2_000)
            + SpanLogs.Span(failed, "a000000000000001", service, "put", 120_000, 50, status: "ERROR"));
        await Service.TraceAsync(quick);
        await Service.TraceAsync(slow);
        await Service.TraceAsync(failed);

        async Task AssertFoundAsync(string query, params string[] traces) =>
            Assert.Equal(traces, (await Service.TracesAsync($"service={service}&{query}")).Select(item => (string)item["traceId"]!));
        await AssertFoundAsync(string.Empty, failed, slow, quick);
        await AssertFoundAsync("limit=1", failed, slow, quick);
        await AssertFoundAsync("status=error", failed);
        await AssertFoundAsync("minDuration=1s", slow);
        await AssertFoundAsync("maxDuration=100ms", failed, quick);
        await AssertFoundAsync("operation=get", quick);
        await AssertFoundAsync("from=2026-02-26T18:00:30Z&to=2026-02-26T18:01:30Z", slow);
        await AssertFoundAsync("from=2026-02-27T00:00:00Z");
    }

    [Fact]
    public async Task Without_the_key_only_health_answers()
    {
        using HttpResponseMessage none = await Service.Anonymous.GetAsync(new Uri("api/traces", UriKind.Relative));
        using HttpResponseMessage wrong = await Service.Anonymous.GetAsync(new Uri("api/receipts?code=wrong", UriKind.Relative));
        using HttpResponseMessage health = await Service.Anonymous.GetAsync(new Uri("api/health", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Theory]
    [InlineData("api/traces/xyz", 400)]
    [InlineData("api/traces/ffffffffffffffffffffffffffffffff?format=xml", 400)]
    [InlineData("api/traces/ffffffffffffffffffffffffffffffff?format=otlp", 404)]
    [InlineData("api/traces/00000000000000000000000000000000", 400)]
    [InlineData("api/traces/ffffffffffffffffffffffffffffffff", 404)]
    [InlineData("api/traces/ffffffffffffffffffffffffffffffff/report", 404)]
    [InlineData("api/traces?limit=0", 400)]
    [InlineData("api/traces?status=fine", 400)]
    [InlineData("api/traces?minDuration=long", 400)]
    [InlineData("api/traces?from=yesterday", 400)]
    [InlineData("api/traces?cursor=%21", 400)]
    [InlineData("api/receipts/none", 404)]
    [InlineData("api/receipts?cursor=none", 400)]
    public async Task Errors_are_problem_details(string path, int status)
    {
        using HttpResponseMessage response = await Service.Http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonObject problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
        Assert.Equal(status, (int)problem["status"]!);
    }

    [Fact]
    public async Task Ids_in_upper_case_and_reports_by_accept_header_work()
    {
        string trace = SpanLogs.NewTraceId();
        await Service.DropAsync($"upper-{trace}.ndjson", Checkout(trace));
        await Service.TraceAsync(trace);

        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/traces/{trace.ToUpperInvariant()}/report");
        request.Headers.Accept.ParseAdd("application/json");
        using HttpResponseMessage json = await Service.Http.SendAsync(request);
        Assert.Equal("application/json", json.Content.Headers.ContentType?.MediaType);

        using var image = new HttpRequestMessage(HttpMethod.Get, $"api/traces/{trace}/report");
        image.Headers.Accept.ParseAdd("image/png");
        using HttpResponseMessage refused = await Service.Http.SendAsync(image);
        Assert.Equal(HttpStatusCode.NotAcceptable, refused.StatusCode);
    }

    private static string Checkout(string trace) =>
        SpanLogs.Span(trace, "a000000000000001", "api-gateway", "POST /checkout", 0, 200, status: "ERROR", attributes: "\"order_id\":\"ord-789\"")
        + SpanLogs.Span(trace, "a000000000000002", "payment-service", "process_payment", 20, 150, "a000000000000001", status: "ERROR")
        + SpanLogs.Span(trace, "a000000000000003", "payment-service", "select", 30, 40, "a000000000000002", "CLIENT", attributes: "\"db.system\":\"postgresql\"");

    private Task<int> NothingOpenAsync() =>
        Eventually.GetAsync(
            async () => (int)(await Service.GetJsonAsync("api/health"))["openChunks"]!, open => open == 0, "Everything sealed");
}
