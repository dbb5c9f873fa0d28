using System.Net;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.EndToEnd.Tests.Posts;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Privacy;

/// <summary>Secrets in what comes in are not in what is stored.</summary>
public sealed class RedactionTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private const string Secret = "hunter2-of-this-test";

    private RunningService Service => fixture.Service;

    [Fact]
    public async Task Secrets_are_masked_in_traces_and_receipts_and_counted()
    {
        string trace = SpanLogs.NewTraceId();
        string name = $"secrets-{Guid.NewGuid():n}.ndjson";
        string span = SpanLogs.Span(trace, "a000000000000001", "shop", "pay", 0, 10, attributes: $"\"password\":\"{Secret}\",\"order_id\":\"ord-7\"");
        await Service.DropAsync(name, span + $"{{\"trace_id\":\"{trace}\",\"password\":\"{Secret}\n");

        JsonObject receipt = await Service.ReceiptAsync(name);
        Assert.Equal(2, (int)receipt["redacted"]!);
        Assert.Contains("[redacted]", (string)receipt["rejections"]![0]!["excerpt"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, receipt.ToJsonString(), StringComparison.Ordinal);
        await Service.TraceAsync(trace);
        JsonObject otlp = await Service.GetJsonAsync($"api/traces/{trace}?format=otlp");
        Assert.Contains("[redacted]", otlp.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("ord-7", otlp.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, otlp.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_of_posted_bodies_are_masked_and_each_receipt_counts_its_own()
    {
        string[] traces = [SpanLogs.NewTraceId(), SpanLogs.NewTraceId()];
        Uri[] receipts = await Task.WhenAll(traces.Select(async (trace, i) =>
        {
            string attributes = i == 0 ? "\"note\":\"none\"" : $"\"note\":\"password={Secret}\",\"token\":\"{Secret}\"";
            using HttpResponseMessage response = await Service.PostAsync("api/span-logs", SpanLogs.Start(trace, "a000000000000001", "shop", "pay", 0, attributes: attributes));
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            return response.Headers.Location!;
        }));

        Assert.Equal(0, (int)(await Service.ReceiptAtAsync(receipts[0]))["redacted"]!);
        Assert.Equal(2, (int)(await Service.ReceiptAtAsync(receipts[1]))["redacted"]!);
        Assert.DoesNotContain(Secret, (await Service.TraceAsync(traces[1], _ => true)).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_copy_of_a_text_that_cannot_be_read_has_no_secrets_in_it()
    {
        string mark = Guid.NewGuid().ToString("n");
        using HttpResponseMessage response = await Service.PostAsync($"api/span-logs?source={mark}", $"no format at all\npassword={Secret}\nuser=ann\n");
        JsonObject receipt = await Service.ReceiptAtAsync(response.Headers.Location!);
        Assert.Equal("failed", (string)receipt["state"]!);

        BlobClient copy = Service.Rejected.GetBlobClient((string)receipt["id"]!);
        BlobProperties properties = await copy.GetPropertiesAsync();
        Assert.Equal("yes", properties.Metadata["redacted"]);
        Assert.Equal("no format at all\npassword=[redacted]\nuser=ann\n", (await copy.DownloadContentAsync()).Value.Content.ToString());
    }
}
