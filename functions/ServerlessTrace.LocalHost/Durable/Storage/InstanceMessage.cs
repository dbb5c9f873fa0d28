namespace ServerlessTrace.LocalHost.Durable.Storage;

/// <summary>A queue message about an instance, as last received or sent.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="MessageId">The message.</param>
/// <param name="PopReceipt">What the queue wants to see before it changes the message.</param>
internal sealed record InstanceMessage(string InstanceId, string MessageId, string PopReceipt);
