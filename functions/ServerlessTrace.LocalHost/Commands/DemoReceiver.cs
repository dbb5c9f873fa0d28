using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.LocalHost.Commands;

/// <summary>Somebody else's server, as it were, that takes webhooks in.</summary>
internal sealed class DemoReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<ReceivedWebhook> _received = Channel.CreateBounded<ReceivedWebhook>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest });

    private DemoReceiver(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = new("http://127.0.0.1:0");

    public static async Task<DemoReceiver> StartAsync(CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [], ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        var receiver = new DemoReceiver(app);
        app.MapPost("/alerts", receiver.TakeAsync);
        await app.StartAsync(cancellationToken);
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        receiver.Url = new Uri(new Uri(address), "/alerts");
        return receiver;
    }

    /// <summary>The next webhook that comes.</summary>
    public ValueTask<ReceivedWebhook> NextAsync(CancellationToken cancellationToken) => _received.Reader.ReadAsync(cancellationToken);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        IHeaderDictionary headers = request.Headers;
        _received.Writer.TryWrite(new ReceivedWebhook(
            headers[WebhookSignature.IdHeader].ToString(),
            headers[WebhookSignature.TimestampHeader].ToString(),
            headers[WebhookSignature.SignatureHeader].ToString(),
            body.ToArray()));
        return Results.NoContent();
    }
}
