using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>A real OTLP/HTTP receiver: it takes what exporters send and keeps it to be looked at.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<OtlpDelivery> _deliveries = new();
    private LoopbackServer _server = null!;

    /// <summary>Where exporters send to, without the path of a signal.</summary>
    public Uri Address => _server.Address;

    /// <summary>The status that requests are answered with from now on.</summary>
    public HttpStatusCode Answer { get; set; } = HttpStatusCode.OK;

    /// <summary>A service that requests for traces are handed on to; null for none.</summary>
    public HttpClient? Relay { get; set; }

    /// <summary>What came so far, refused requests included.</summary>
    public IReadOnlyList<OtlpDelivery> Deliveries => [.. _deliveries];

    /// <summary>What was accepted of a signal, such as <c>traces</c>.</summary>
    public IReadOnlyList<OtlpDelivery> Accepted(string signal) =>
        [.. _deliveries.Where(delivery => delivery.Signal == signal && delivery.Status == HttpStatusCode.OK)];

    /// <summary>The spans accepted so far, in order.</summary>
    public IReadOnlyList<ReceivedSpan> Spans => [.. Accepted("traces").SelectMany(delivery => ReceivedSpan.Read(delivery))];

    public static async Task<OtlpReceiver> StartAsync(int port = 0)
    {
        var receiver = new OtlpReceiver();
        receiver._server = await LoopbackServer.StartAsync(receiver.TakeAsync, port);
        return receiver;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        string signal = request.Path.ToString().Split('/')[^1];
        using var sent = new MemoryStream();
        await request.Body.CopyToAsync(sent);
        byte[] body = sent.ToArray();
        if (request.Headers.ContentEncoding == "gzip")
        {
            using var decoded = new MemoryStream();
            using (var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress))
            {
                await gzip.CopyToAsync(decoded);
            }

            body = decoded.ToArray();
        }

        HttpStatusCode status = Answer;
        _deliveries.Enqueue(new OtlpDelivery(
            signal, request.ContentType ?? string.Empty, request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body, status));
        if (signal == "traces" && Relay is { } service)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
            using HttpResponseMessage answer = await service.PostAsync(new Uri("v1/traces", UriKind.Relative), content);
            status = answer.StatusCode;
        }

        context.Response.StatusCode = (int)status;
    }
}

/// <summary>A request that came.</summary>
internal sealed record OtlpDelivery(string Signal, string ContentType, IReadOnlyDictionary<string, string> Headers, byte[] Body, HttpStatusCode Status);

/// <summary>A span that came, read with the service's own reader.</summary>
internal sealed record ReceivedSpan(string TraceId, string SpanId, string ParentSpanId, string Service, string Name, SpanKind Kind, IReadOnlyList<(string TraceId, string SpanId)> Links)
{
    public static List<ReceivedSpan> Read(OtlpDelivery delivery)
    {
        var batch = new SpanBatch();
        OtlpRequest.ReadTraces(delivery.Body, delivery.ContentType.StartsWith("application/json", StringComparison.Ordinal), batch, new ReadLimits());
        var spans = new List<ReceivedSpan>();
        for (int i = 0; i < batch.Count; i++)
        {
            SpanRecord span = batch[i];
            spans.Add(new ReceivedSpan(
                span.TraceId.ToString(),
                span.SpanId.ToString(),
                span.ParentSpanId.IsZero ? string.Empty : span.ParentSpanId.ToString(),
                batch.Text(span.Service),
                batch.Text(span.Name),
                span.Kind,
                [.. batch.Links(in span).ToArray().Select(link => (link.TraceId.ToString(), link.SpanId.ToString()))]));
        }

        return spans;
    }
}
