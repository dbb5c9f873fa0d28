using System.Net;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.EndToEnd.Tests.Posts;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Telemetry;

/// <summary>What the service tells of itself, by the standard settings, to a real receiver.</summary>
public sealed class OwnTelemetryTests : IAsyncLifetime
{
    private ObservedHost _host = null!;

    private OtlpReceiver Receiver => _host.Receiver;

    private RunningService Service => _host.Service;

    public async Task InitializeAsync() => _host = await ObservedHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Spans_continue_the_callers_trace_and_link_ingest_to_whoever_sent()
    {
        const string Caller = "00-11111111111111111111111111111111-2222222222222222-01";
        const string Producer = "00-33333333333333333333333333333333-4444444444444444-01";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("v1/traces", UriKind.Relative))
        {
            Content = new ByteArrayContent(OtlpMessages.Request(20)) { Headers = { ContentType = new("application/x-protobuf") } },
            Headers = { { "traceparent", Caller } },
        };
        using HttpResponseMessage response = await Service.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Service.SpanLogs.GetBlobClient("linked.ndjson").UploadAsync(
            BinaryData.FromString(SpanLogs.Span(SpanLogs.NewTraceId(), "a000000000000001", "billing", "invoice", 0, 10)),
            new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["traceparent"] = Producer } });
        await Service.Queue().SendMessageAsync(
            $$"""{"headers":{"traceparent":"{{Producer}}"},"body":{"order":"1"},"service":"billing","timestamp":"2026-02-26T18:00:00Z","event":"span_event","span_name":"queued"}""");

        ReceivedSpan post = await _host.SpanAsync(span => span.Name == "PostOtlpTraces");
        Assert.Equal(("11111111111111111111111111111111", "2222222222222222", SpanKind.Server), (post.TraceId, post.ParentSpanId, post.Kind));
        ReceivedSpan group = await _host.SpanAsync(span => span.Name == "ingest" && span.Links.Count > 0 && span.Links[0].TraceId == post.TraceId);
        Assert.Equal([(post.TraceId, post.SpanId)], group.Links);
        Assert.NotEqual(post.TraceId, group.TraceId);
        ReceivedSpan blob = await _host.SpanAsync(span => span.Name == "IngestSpanLogBlob");
        Assert.Equal([("33333333333333333333333333333333", "4444444444444444")], (await _host.SpanAsync(span => span.Name == "ingest" && span.ParentSpanId == blob.SpanId)).Links);
        ReceivedSpan message = await _host.SpanAsync(span => span.Name == "IngestSpanLogMessage");
        Assert.Equal([("33333333333333333333333333333333", "4444444444444444")], (await _host.SpanAsync(span => span.Name == "ingest" && span.ParentSpanId == message.SpanId)).Links);
        ReceivedSpan activity = await _host.SpanAsync(span => span.Name == "SealOpenShards_v2");
        await _host.SpanAsync(span => span.Name == "seal" && span.ParentSpanId == activity.SpanId);
        Assert.All(Receiver.Spans, span => Assert.Equal("serverlesstrace", span.Service));
    }

    [Fact]
    public async Task Metrics_count_and_logs_name_their_trace()
    {
        await Service.DropAsync("counted.ndjson", "no span log\n" + SpanLogs.Span(SpanLogs.NewTraceId(), "a000000000000001", "billing", "invoice", 0, 10));
        ReceivedSpan ingest = await _host.SpanAsync(span => span.Name == "ingest");

        await _host.MetricsAsync(
            "serverlesstrace.backlog.age", "serverlesstrace.backlog.chunks", "serverlesstrace.ingest.bytes", "serverlesstrace.ingest.records",
            "serverlesstrace.ingest.rejections", "serverlesstrace.ingest.spans", "serverlesstrace.seal.delay", "serverlesstrace.seal.traces",
            "serverlesstrace.storage.operations");

        // ExportLogsServiceRequest.resource_logs.scope_logs.log_records.trace_id
        byte[] trace = Convert.FromHexString(ingest.TraceId);
        await Eventually.GetAsync(
            () => Task.FromResult(Receiver.Accepted("logs").SelectMany(delivery => ProtobufFields.At(delivery.Body, 1, 2, 2, 9)).Any(id => id.SequenceEqual(trace))),
            found => found,
            "A log record of the trace");
    }

    [Fact]
    public async Task Telemetry_of_taking_in_its_own_telemetry_comes_to_an_end()
    {
        Receiver.Relay = Service.Http;
        string trace = SpanLogs.NewTraceId();
        await Service.DropAsync("cause.ndjson", SpanLogs.Span(trace, "a000000000000001", "billing", "invoice", 0, 10));

        // Its own spans are traces like others...
        ReceivedSpan ingest = await _host.SpanAsync(span => span.Name == "ingest");
        await EmptyAsync();
        Assert.NotNull(await Service.FindTraceAsync(ingest.TraceId));

        // ... but not forever: from some moment on metrics keep coming, and spans do not.
        await Eventually.GetAsync(
            async () =>
            {
                await EmptyAsync();
                int spans = Receiver.Accepted("traces").Count;
                int metrics = Receiver.Accepted("metrics").Count;
                await Eventually.GetAsync(() => Task.FromResult(Receiver.Accepted("metrics").Count), count => count >= metrics + 4, "Four more exports of metrics");
                return Receiver.Accepted("traces").Count - spans;
            },
            exports => exports == 0,
            "An end of the exports of spans");
        Assert.DoesNotContain(Receiver.Spans, span => span.Name == "PostOtlpTraces");
    }

    /// <summary>Waits until nothing is on its way, without asking the service, which would cause spans.</summary>
    private Task<int> EmptyAsync() => Eventually.GetAsync(
        async () => await CountAsync(new TableServiceClient(_host.Azurite.ConnectionString).GetTableClient("SpanChunks").QueryAsync<TableEntity>()),
        count => count == 0,
        "Everything is sealed");

    private static async Task<int> CountAsync<T>(IAsyncEnumerable<T> items)
    {
        int count = 0;
        await foreach (T _ in items)
        {
            count++;
        }

        return count;
    }
}
