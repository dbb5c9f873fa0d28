using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>OTLP/HTTP by the letter of its specification ("OTLP/HTTP Request", "OTLP/HTTP Response").</summary>
public sealed class PostOtlpTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private const string Json = "application/json";
    private const string Protobuf = "application/x-protobuf";

    private RunningService Service => fixture.Service;

    [Theory]
    [InlineData(Json, "application/json; charset=utf-8", "")]
    [InlineData(Json, Json, "gzip")]
    [InlineData(Protobuf, Protobuf, "")]
    [InlineData(Protobuf, Protobuf, "gzip")]
    public async Task Full_success_is_an_empty_response_in_the_encoding_of_the_request(string answered, string sent, string coding)
    {
        string trace = SpanLogs.NewTraceId();
        byte[] body = answered == Json ? Encoding.UTF8.GetBytes(OtlpMessages.JsonRequest(OtlpMessages.JsonSpan(trace, "a000000000000001"))) : OtlpMessages.Request(OtlpMessages.Span(trace, 1));

        using HttpResponseMessage response = await Service.PostAsync("v1/traces", coding == "gzip" ? Gzip(body) : body, sent, coding);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(answered, response.Content.Headers.ContentType?.ToString());
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(answered == Json ? "{}" : string.Empty, Encoding.UTF8.GetString(answer));
        Assert.Equal(1, (int)(await Service.TraceAsync(trace))["spanCount"]!);
    }

    [Theory]
    [InlineData(Json, "{}")]
    [InlineData(Json, """{"resourceSpans":[]}""")]
    [InlineData(Protobuf, "")]
    public async Task A_request_without_telemetry_succeeds(string type, string body)
    {
        using HttpResponseMessage response = await Service.PostAsync("v1/traces", body, type);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Partial_success_counts_what_was_rejected_and_says_why_in_json()
    {
        string trace = SpanLogs.NewTraceId();
        using HttpResponseMessage response = await Service.PostAsync(
            "v1/traces", OtlpMessages.JsonRequest(OtlpMessages.JsonSpan(trace, "a000000000000001"), OtlpMessages.JsonSpan("xyz", "a000000000000002"), OtlpMessages.JsonSpan(trace, "0000000000000000")), Json);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        JsonObject partial = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["partialSuccess"]!.AsObject();
        Assert.Equal("2", (string)partial["rejectedSpans"]!);
        Assert.NotEmpty((string)partial["errorMessage"]!);
        Assert.Equal(1, (int)(await Service.TraceAsync(trace))["spanCount"]!);
    }

    [Fact]
    public async Task Partial_success_counts_what_was_rejected_and_says_why_in_protobuf()
    {
        string trace = SpanLogs.NewTraceId();
        using HttpResponseMessage response = await Service.PostAsync(
            "v1/traces", OtlpMessages.Request(OtlpMessages.Span(trace, 1), OtlpMessages.Span(new string('0', 32), 2)), Protobuf);

        // ExportTraceServiceResponse { partial_success = 1 { rejected_spans = 1, error_message = 2 } }
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(0x0a, answer[0]);
        Assert.Equal([0x08, 0x01, 0x12], answer[2..5]);
        Assert.Equal(answer.Length, answer[1] + 2);
        Assert.Equal(answer.Length, answer[5] + 6);
        Assert.Contains("race", Encoding.UTF8.GetString(answer[6..]), StringComparison.Ordinal);
        Assert.Equal(1, (int)(await Service.TraceAsync(trace))["spanCount"]!);
    }

    [Theory]
    [InlineData(Json, "{\"resourceSpans\":[{", "")]
    [InlineData(Json, "no json", "")]
    [InlineData(Json, "", "")]
    [InlineData(Protobuf, "\u000a\u0005abc", "")]
    [InlineData(Protobuf, "not compressed", "gzip")]
    public async Task Bad_data_is_a_status_with_a_description_in_the_encoding_of_the_request(string type, string body, string coding)
    {
        using HttpResponseMessage response = await Service.PostAsync("v1/traces", Encoding.UTF8.GetBytes(body), type, coding);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.ToString());
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        if (type == Json)
        {
            JsonObject status = JsonNode.Parse(answer)!.AsObject();
            Assert.Equal(3, (int)status["code"]!);
            Assert.NotEmpty((string)status["message"]!);
            Assert.Equal("type.googleapis.com/google.rpc.BadRequest", (string)status["details"]![0]!["@type"]!);
            return;
        }

        // google.rpc.Status { code = 1, message = 2, details = 3 }
        Assert.Equal([0x08, 0x03, 0x12], answer[..3]);
        Assert.Contains("type.googleapis.com/google.rpc.BadRequest", Encoding.UTF8.GetString(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain", "")]
    [InlineData(null, "")]
    [InlineData(Json, "br")]
    public async Task Other_content_is_not_supported(string? type, string coding)
    {
        using HttpResponseMessage response = await Service.PostAsync("v1/traces", "{}"u8.ToArray(), type, coding);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal(Json, response.Content.Headers.ContentType?.ToString());
        Assert.NotEmpty((string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["message"]!);
    }

    [Fact]
    public async Task Requests_that_come_at_once_share_a_receipt_and_lose_nothing()
    {
        string[] traces = [.. Enumerable.Range(0, 40).Select(_ => SpanLogs.NewTraceId())];
        long before = Service.Host.StorageRequests.ByOperation.GetValueOrDefault("PUT SpanChunks");

        await Task.WhenAll(traces.Select(async (trace, i) =>
        {
            using HttpResponseMessage response = i % 2 == 0
                ? await Service.PostAsync("v1/traces", OtlpMessages.Request(OtlpMessages.Span(trace, 1), OtlpMessages.Span(trace, 2)), Protobuf)
                : await Service.PostAsync("v1/traces", OtlpMessages.JsonRequest(OtlpMessages.JsonSpan(trace, "a000000000000001"), OtlpMessages.JsonSpan(trace, "a000000000000002")), Json);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }));

        Assert.InRange(Service.Host.StorageRequests.ByOperation["PUT SpanChunks"] - before, 1, 39);
        foreach (string trace in traces)
        {
            Assert.Equal(2, (int)(await Service.TraceAsync(trace))["spanCount"]!);
        }
    }

    private static byte[] Gzip(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var stream = new GZipStream(compressed, CompressionMode.Compress))
        {
            stream.Write(body);
        }

        return compressed.ToArray();
    }
}
