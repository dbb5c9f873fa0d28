using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>What is sent to a receiver.</summary>
/// <param name="Id">The value of <c>webhook-id</c>.</param>
/// <param name="ContentType">The value of <c>Content-Type</c>.</param>
/// <param name="Body">The body, UTF-8.</param>
/// <param name="Secrets">What it is signed with.</param>
public sealed record WebhookMessage(string Id, string ContentType, ReadOnlyMemory<byte> Body, IReadOnlyList<WebhookSecret> Secrets);
