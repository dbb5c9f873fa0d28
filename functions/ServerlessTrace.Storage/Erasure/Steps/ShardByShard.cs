using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>Goes through the shards that erased traces are in, one a batch.</summary>
internal static class ShardByShard
{
    public static async Task<ErasureProgress> RunAsync(
        ErasureScope scope, string? from, Func<Shard, IReadOnlySet<TraceId>, CancellationToken, Task<int>> erase, CancellationToken cancellationToken)
    {
        Shard[] shards = [.. (await scope.TracesAsync(cancellationToken).ConfigureAwait(false)).Select(Shard.Of).Distinct().OrderBy(shard => shard.Number)];
        int at = from is null ? 0 : Array.FindIndex(shards, shard => shard.PartitionKey == from);
        if (at < 0 || at >= shards.Length)
        {
            return new ErasureProgress(0, null);
        }

        IReadOnlySet<TraceId> traces = await scope.TracesAsync(shards[at], cancellationToken).ConfigureAwait(false);
        int erased = await erase(shards[at], traces, cancellationToken).ConfigureAwait(false);
        return new ErasureProgress(erased, at + 1 < shards.Length ? shards[at + 1].PartitionKey : null);
    }
}
