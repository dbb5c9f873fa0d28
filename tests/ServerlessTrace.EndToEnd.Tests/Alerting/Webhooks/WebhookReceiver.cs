using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;

/// <summary>A real receiver on a loopback port, that answers as a test wants it to.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedWebhook> _received = new();
    private LoopbackServer _server = null!;
    private int _running;
    private int _mostAtOnce;

    private WebhookReceiver(Func<HttpContext, ReceivedWebhook, Task>? answer) => Answer = answer ?? Status(StatusCodes.Status204NoContent);

    public Func<HttpContext, ReceivedWebhook, Task> Answer { get; set; }

    public Uri Url => _server.Address;

    public IReadOnlyList<ReceivedWebhook> Received => [.. _received];

    /// <summary>The most requests that were open at the same time.</summary>
    public int MostAtOnce => Volatile.Read(ref _mostAtOnce);

    public static Func<HttpContext, ReceivedWebhook, Task> Status(int status, string body = "") => (context, _) =>
    {
        context.Response.StatusCode = status;
        return body.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(body);
    };

    public static async Task<WebhookReceiver> StartAsync(Func<HttpContext, ReceivedWebhook, Task>? answer = null, int port = 0)
    {
        var receiver = new WebhookReceiver(answer);
        receiver._server = await LoopbackServer.StartAsync(receiver.TakeAsync, port);
        return receiver;
    }

    /// <summary>What came, once it is so much.</summary>
    public Task<IReadOnlyList<ReceivedWebhook>> ReceivedAsync(int count) =>
        Eventually.GetAsync(() => Task.FromResult(Received), received => received.Count >= count, $"{count} requests at the receiver");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        int running = Interlocked.Increment(ref _running);
        int most;
        while ((most = Volatile.Read(ref _mostAtOnce)) < running)
        {
            Interlocked.CompareExchange(ref _mostAtOnce, running, most);
        }

        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            IHeaderDictionary headers = context.Request.Headers;
            var received = new ReceivedWebhook(
                context.Request.Path, headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(),
                context.Request.ContentType ?? string.Empty, body.ToArray(), headers.TraceParent.ToString());
            _received.Enqueue(received);
            await Answer(context, received);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
