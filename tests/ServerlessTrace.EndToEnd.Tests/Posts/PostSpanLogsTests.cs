using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>Span logs that are posted become traces, as dropped ones do.</summary>
public sealed class PostSpanLogsTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private RunningService Service => fixture.Service;

    [Fact]
    public async Task A_posted_body_becomes_a_trace_and_its_receipt_is_where_the_answer_says()
    {
        string trace = SpanLogs.NewTraceId();
        using HttpResponseMessage response = await Service.PostAsync("api/span-logs?source=logs/payments.ndjson", Lines(trace));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        JsonObject answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
        Assert.Equal((string)answer["receiptUrl"]!, response.Headers.Location!.ToString());
        JsonObject receipt = await Service.ReceiptAtAsync(response.Headers.Location);
        Assert.Equal((string)answer["receiptId"]!, (string)receipt["id"]!);
        Assert.Equal("complete", (string)receipt["state"]!);
        Assert.Equal("POST /api/span-logs logs/payments.ndjson", (string)receipt["source"]!);
        Assert.Equal(4, (int)receipt["records"]!);
        Assert.Equal(1, (int)receipt["traces"]!);
        Assert.Equal(2, (int)(await Service.TraceAsync(trace))["spanCount"]!);
    }

    [Fact]
    public async Task Each_of_many_bodies_that_come_at_once_has_its_own_receipt_and_few_share_a_request()
    {
        string[] traces = [.. Enumerable.Range(0, 60).Select(_ => SpanLogs.NewTraceId())];
        long before = Service.Host.StorageRequests.ByOperation.GetValueOrDefault("PUT SpanChunks");

        Uri[] receipts = await Task.WhenAll(traces.Select(async trace =>
        {
            using HttpResponseMessage response = await Service.PostAsync($"api/span-logs?source={trace}", Lines(trace));
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            return response.Headers.Location!;
        }));

        Assert.InRange(Service.Host.StorageRequests.ByOperation["PUT SpanChunks"] - before, 1, 59);
        for (int i = 0; i < traces.Length; i++)
        {
            JsonObject receipt = await Service.ReceiptAtAsync(receipts[i]);
            Assert.EndsWith(traces[i], (string)receipt["source"]!, StringComparison.Ordinal);
            Assert.Equal(4, (int)receipt["records"]!);
            Assert.Equal(2, (int)(await Service.TraceAsync(traces[i]))["spanCount"]!);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("")]
    public async Task Compressed_bodies_are_read_with_or_without_a_header(string coding)
    {
        string trace = SpanLogs.NewTraceId();
        byte[] body = coding == "deflate" ? Compress(Lines(trace), stream => new ZLibStream(stream, CompressionMode.Compress)) : Gzip(Lines(trace));

        using HttpResponseMessage response = await Service.PostAsync("api/span-logs", body, coding: coding);

        JsonObject receipt = await Service.ReceiptAtAsync(response.Headers.Location!);
        Assert.Equal("complete", (string)receipt["state"]!);
        Assert.Equal(coding == "deflate" ? "zlib" : "gzip", (string)receipt["compression"]!);
        Assert.Equal(2, (int)(await Service.TraceAsync(trace))["spanCount"]!);
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_is_put_aside_and_others_of_its_group_are_not()
    {
        string trace = SpanLogs.NewTraceId();
        string mark = Guid.NewGuid().ToString("n");
        Task<HttpResponseMessage>[] posts =
        [
            Service.PostAsync("api/span-logs", "this is no log " + mark),
            Service.PostAsync("api/span-logs", Lines(trace) + "no record\n"),
        ];
        using HttpResponseMessage bad = await posts[0];
        using HttpResponseMessage good = await posts[1];

        JsonObject failed = await Service.ReceiptAtAsync(bad.Headers.Location!);
        Assert.Equal("failed", (string)failed["state"]!);
        Assert.NotEmpty((string)failed["reason"]!);
        BlobDownloadResult aside = await Service.Rejected.GetBlobClient((string)failed["id"]!).DownloadContentAsync();
        Assert.Contains(mark, aside.Content.ToString(), StringComparison.Ordinal);
        JsonObject partial = await Service.ReceiptAtAsync(good.Headers.Location!);
        Assert.Equal("partial", (string)partial["state"]!);
        Assert.Equal(1, (int)partial["rejected"]!);
        Assert.Equal(5, (int)partial["rejections"]![0]!["line"]!);
        Assert.Equal(2, (int)(await Service.TraceAsync(trace))["spanCount"]!);
    }

    [Theory]
    [InlineData("", "", 400)]
    [InlineData("{}", "gzip", 400)]
    [InlineData("{}", "br", 415)]
    public async Task What_is_wrong_with_a_request_is_said_as_problem_details(string body, string coding, int status)
    {
        using HttpResponseMessage response = await Service.PostAsync("api/span-logs", Encoding.UTF8.GetBytes(body), coding: coding);

        await RunningServicePosts.AssertProblemAsync(response, status);
    }

    [Fact]
    public async Task Without_the_key_nothing_is_taken_in()
    {
        using var content = new StringContent(Lines(SpanLogs.NewTraceId()));
        using HttpResponseMessage response = await Service.Anonymous.PostAsync(new Uri("api/span-logs", UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static string Lines(string trace) =>
        SpanLogs.Span(trace, "a000000000000001", "posted-gateway", "POST /pay", 0, 100)
        + SpanLogs.Span(trace, "a000000000000002", "posted-payments", "pay", 10, 80, "a000000000000001");

    private static byte[] Gzip(string text) => Compress(text, stream => new GZipStream(stream, CompressionMode.Compress));

    private static byte[] Compress(string text, Func<Stream, Stream> compressor)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = compressor(compressed))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        return compressed.ToArray();
    }
}
