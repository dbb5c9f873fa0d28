namespace ServerlessTrace.Functions.Sealing;

/// <summary>The input of the activity that seals a shard.</summary>
/// <param name="Shard">The shard's number.</param>
/// <param name="BeforeUnixMs">The window's end in ms since 1970 UTC: traces with newer parts are a later window's.</param>
/// <param name="DueUnixMs">When the traces that were left open can be sealed, in ms since 1970 UTC.</param>
public sealed record SealShard(int Shard, long BeforeUnixMs, long DueUnixMs);

/// <summary>What is left of a window.</summary>
/// <param name="Shards">The numbers of the shards with traces of the window that are still open.</param>
/// <param name="DueUnixMs">When those can be sealed, in ms since 1970 UTC.</param>
public sealed record OpenShards(int[] Shards, long DueUnixMs);
