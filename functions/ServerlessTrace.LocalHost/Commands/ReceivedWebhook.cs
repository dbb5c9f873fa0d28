namespace ServerlessTrace.LocalHost.Commands;

/// <summary>A webhook as it came over the wire.</summary>
internal sealed record ReceivedWebhook(string Id, string Timestamp, string Signature, byte[] Body);
