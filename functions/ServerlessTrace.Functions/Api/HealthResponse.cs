namespace ServerlessTrace.Functions.Api;

/// <summary>How the service is.</summary>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> (work is stuck) or <c>unhealthy</c> (storage cannot be reached, or the host takes nothing in).</param>
/// <param name="OpenChunks">Span chunks that are not sealed yet.</param>
/// <param name="OldestOpenSeconds">How long the oldest of them has been waiting; null where there is none.</param>
/// <param name="QueuedMessages">Messages waiting in the queue of span logs, about.</param>
/// <param name="PoisonMessages">Messages that failed too often, about, as of some seconds ago; look at the queues that end in <c>-poison</c>.</param>
/// <param name="Problems">What the host says is wrong, for people.</param>
internal sealed record HealthResponse(
    string Status, int OpenChunks, double? OldestOpenSeconds, int QueuedMessages, int PoisonMessages, IReadOnlyList<string> Problems);
