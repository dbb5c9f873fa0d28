namespace ServerlessTrace.Functions.Sealing;

/// <summary>The input of the activity that seals a shard.</summary>
/// <param name="Shard">The shard's number.</param>
/// <param name="BeforeUnixMs">The window's end in ms since 1970 UTC: traces with newer parts are a later window's.</param>
public sealed record SealShard(int Shard, long BeforeUnixMs);
