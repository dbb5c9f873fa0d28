using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>Zipkin's API: what Zipkin's own examples post comes out as the command line reads it from files.</summary>
public sealed class PostZipkinTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private const string Path = "zipkin/api/v2/spans";

    private static readonly string Examples = System.IO.Path.Combine(AppContext.BaseDirectory, "Zipkin");

    private RunningService Service => fixture.Service;

    [Theory]
    [InlineData("")]
    [InlineData("gzip")]
    public async Task Posted_lists_of_spans_become_the_traces_that_the_same_files_are(string coding)
    {
        string[] files = Directory.GetFiles(Examples, "*.json");
        Assert.Equal(5, files.Length);
        Dictionary<string, JsonObject> expected = await Offline.AnalyzeAsync(Examples);
        foreach (string file in files)
        {
            byte[] body = await File.ReadAllBytesAsync(file);
            using HttpResponseMessage response = await Service.PostAsync(Path, coding.Length > 0 ? Gzip(body) : body, coding: coding);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        }

        foreach ((string id, JsonObject trace) in expected)
        {
            Offline.AssertSame(trace, await Service.TraceAsync(id));
        }
    }

    [Theory]
    [InlineData("[]", 202)]
    [InlineData("", 400)]
    [InlineData("{}", 400)]
    [InlineData("not json", 400)]
    [InlineData("""[{"traceId":"1e223ff1f80f1c69","id":"43210ae0c10d1234"},{"traceId":""", 400)]
    [InlineData("""[{"traceId":"xyz","id":"43210ae0c10d1234"}]""", 400)]
    [InlineData("""[{"any":"thing"}]""", 400)]
    public async Task Malformed_lists_are_refused_as_a_whole(string body, int status)
    {
        using HttpResponseMessage response = await Service.PostAsync(Path, body);

        if (status == 400)
        {
            await RunningServicePosts.AssertProblemAsync(response, status);
        }

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_list_with_some_bad_spans_keeps_the_good_ones_and_its_receipt_tells_of_the_others()
    {
        string trace = SpanLogs.NewTraceId();
        using HttpResponseMessage response = await Service.PostAsync(
            Path,
            $$"""
            [{"traceId":"{{trace}}","id":"43210ae0c10d1234","name":"get","timestamp":1470150004008762,"duration":65000,"localEndpoint":{"serviceName":"zip"} },
             {"traceId":"{{trace}}","id":"no id","name":"partly-bad"}]
            """);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(1, (int)(await Service.TraceAsync(trace))["spanCount"]!);
        JsonObject? receipt = await Eventually.GetAsync(
            async () => (await Service.ReceiptsAsync()).Find(receipt => receipt["rejections"]!.ToJsonString().Contains("partly-bad", StringComparison.Ordinal)),
            receipt => receipt is not null,
            "A receipt with the rejection");
        Assert.StartsWith("POST /zipkin/api/v2/spans", (string)receipt!["source"]!, StringComparison.Ordinal);
        Assert.Equal("partial", (string)receipt["state"]!);
        Assert.Equal("zipkin", (string)receipt["format"]!);
    }

    [Fact]
    public async Task Zipkins_other_encodings_are_not_supported()
    {
        using HttpResponseMessage response = await Service.PostAsync(Path, [1, 2, 3], "application/x-protobuf");

        await RunningServicePosts.AssertProblemAsync(response, 415);
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
