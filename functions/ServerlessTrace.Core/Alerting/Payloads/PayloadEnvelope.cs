namespace ServerlessTrace.Core.Alerting.Payloads;

/// <summary>What some formats say of a message besides the notification.</summary>
/// <param name="MessageId">The message's id, the same at every attempt.</param>
/// <param name="RoutingKey">PagerDuty's routing key; null with other formats.</param>
public readonly record struct PayloadEnvelope(string MessageId, string? RoutingKey);
