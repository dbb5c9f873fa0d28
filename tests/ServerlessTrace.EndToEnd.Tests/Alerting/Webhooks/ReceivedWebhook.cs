using System.Text.Json.Nodes;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;

/// <summary>A request as a receiver got it.</summary>
internal sealed record ReceivedWebhook(string Path, string Id, string Timestamp, string Signatures, string ContentType, byte[] Body, string TraceParent)
{
    public JsonObject Json => JsonNode.Parse(Body)!.AsObject();

    public string AlertId => (string)Json["data"]!["alertId"]!;

    public string Type => (string)Json["type"]!;

    public bool IsSignedWith(string secret) =>
        WebhookSecret.TryParse(secret, out WebhookSecret? parsed)
        && WebhookSignature.Verify(parsed, Id, Timestamp, Signatures, Body, DateTimeOffset.UtcNow);
}
