using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Chunks;

/// <summary>A shard with span parts that are not sealed yet.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Chunks">How many chunks are open.</param>
/// <param name="OldestWrittenAt">When the oldest of them was written.</param>
public sealed record OpenShard(Shard Shard, int Chunks, DateTimeOffset OldestWrittenAt);
