using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>
/// One of equal parts into which the traces of a shard are divided when they are too many to be unpacked at once: by the partitions of their rows, so that transactions
/// stay full, then by their ids.
/// </summary>
/// <param name="Number">From 0 to <paramref name="Count"/> less one.</param>
/// <param name="Count">How many slices there are: a divisor or a multiple of a shard's trace partitions.</param>
internal readonly record struct TraceSlice(int Number, int Count)
{
    public bool IsWhole => Count <= 1;

    /// <summary>How many slices it takes until none has more packed bytes than a limit, if traces are alike.</summary>
    public static int CountOf(int packedBytes, int limit)
    {
        int least = Math.Max(1, (packedBytes + limit - 1) / limit);
        return least <= 2 ? least : (least + Shard.TracePartitions - 1) / Shard.TracePartitions * Shard.TracePartitions;
    }

    /// <summary>Whether a trace is in this slice. Ids are mixed first, otherwise than for shards: some senders make only part of an id random.</summary>
    public bool Has(TraceId trace)
    {
        int partition = Shard.TracePartitionInShard(trace);
        if (Count <= Shard.TracePartitions)
        {
            return partition % Count == Number;
        }

        ulong mixed = (trace.High ^ (trace.Low * 0xC2B2AE3D27D4EB4F)) * 0x9E3779B97F4A7C15;
        return partition + (Shard.TracePartitions * (int)((mixed >> 32) % (uint)(Count / Shard.TracePartitions))) == Number;
    }
}
