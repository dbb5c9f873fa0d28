using Azure;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>How far an hour is merged.</summary>
/// <param name="Hour">Hours since 1970 UTC.</param>
/// <param name="Rows">How many merged rows it has.</param>
/// <param name="ETag">The version of the state; null where there is none yet.</param>
/// <param name="Guards">The versions of its shards' guards, as far as there are any.</param>
internal sealed record MergeState(int Hour, int Rows, ETag? ETag, IReadOnlyDictionary<Shard, ETag> Guards);
