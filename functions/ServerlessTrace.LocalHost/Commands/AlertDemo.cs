using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.LocalHost.Commands;

/// <summary>
/// Subscribes a receiver to latency alerts, has a service be slow, and shows the webhook that comes of it. The slow trace is a new one each time: a rule
/// fires once for a trace, however often the trace comes again.
/// </summary>
internal sealed class AlertDemo(HttpClient client, BlobContainerClient container, DemoReceiver receiver, HostConsole console)
{
    public const string Webhook = "demo";
    private const string Rule = "slow-demo-checkout";
    private const string Service = "demo-checkout";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(2_400);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="HostStartException">The webhook did not come in time, or was not signed as it must be.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        WebhookSecret secret = await SubscribeAsync(cancellationToken);
        await PutAsync($"api/alert-rules/{Rule}", new JsonObject
        {
            ["kind"] = "trace-duration",
            ["over"] = "1s",
            ["severity"] = "critical",
            ["match"] = new JsonObject { ["service"] = Service },
        }, cancellationToken);
        await BeSlowAsync(cancellationToken);
        Show(await ReceiveAsync(cancellationToken), secret);
    }

    /// <summary>Subscribes anew, because a secret is shown only when it is made.</summary>
    private async Task<WebhookSecret> SubscribeAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage deleted = await client.DeleteAsync($"api/webhooks/{Webhook}", cancellationToken);
        JsonObject created = await PutAsync($"api/webhooks/{Webhook}", new JsonObject
        {
            ["url"] = receiver.Url.AbsoluteUri,
            ["filter"] = new JsonObject { ["rules"] = new JsonArray(Rule) },
        }, cancellationToken);
        return WebhookSecret.TryParse((string?)created["secret"], out WebhookSecret? secret)
            ? secret
            : throw new HostStartException("The webhook's subscription came without its secret.");
    }

    private async Task<JsonObject> PutAsync(string path, JsonObject body, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await client.PutAsJsonAsync(path, body, cancellationToken);
        string text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)!.AsObject() : throw new HostStartException($"PUT {path} was refused: {text}");
    }

    private async Task BeSlowAsync(CancellationToken cancellationToken)
    {
        string trace = Guid.NewGuid().ToString("n");
        DateTimeOffset end = DateTimeOffset.UtcNow;
        string[] lines = [Line(trace, end - Slow, "span_start"), Line(trace, end, "span_end", ("duration_ms", Slow.TotalMilliseconds), ("status", "OK"))];
        await container.GetBlobClient($"demo/slow-{trace}.ndjson").UploadAsync(BinaryData.FromString(string.Concat(lines)), overwrite: true, cancellationToken);
        console.Progress($"Dropped a checkout of {Slow.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");
    }

    private static string Line(string trace, DateTimeOffset at, string @event, params ReadOnlySpan<(string Name, JsonNode Value)> more)
    {
        var line = new JsonObject
        {
            ["timestamp"] = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            ["service"] = Service,
            ["trace_id"] = trace,
            ["span_id"] = trace[..16],
            ["span_name"] = "POST /checkout",
            ["span_kind"] = "SERVER",
            ["event"] = @event,
        };
        foreach ((string name, JsonNode value) in more)
        {
            line[name] = value;
        }

        return line.ToJsonString() + "\n";
    }

    private async Task<ReceivedWebhook> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return await receiver.NextAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HostStartException(
                $"The demo's alert did not arrive within {Patience.TotalSeconds} s: look at {new Uri(client.BaseAddress!, $"api/webhooks/{Webhook}/deliveries")} and try again.");
        }
    }

    private void Show(ReceivedWebhook webhook, WebhookSecret secret)
    {
        if (!WebhookSignature.Verify(secret, webhook.Id, webhook.Timestamp, webhook.Signature, webhook.Body, DateTimeOffset.UtcNow))
        {
            throw new HostStartException("The demo's alert arrived, but its signature is not right.");
        }

        console.Heading("A latency alert arrived by webhook. Its signature is right:");
        console.Fact(WebhookSignature.IdHeader, webhook.Id);
        console.Fact(WebhookSignature.TimestampHeader, webhook.Timestamp);
        console.Fact(WebhookSignature.SignatureHeader, webhook.Signature);
        console.Text(JsonNode.Parse(Encoding.UTF8.GetString(webhook.Body))!.ToJsonString(Indented));
        console.Text(string.Empty);
    }
}
