using System.Globalization;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Keys;

/// <summary>
/// One of the fixed number of parts into which traces are divided by their ids: what one activity seals. It is a partition of the tables with a few rows a source or
/// window. Tables with a row a trace have four partitions a shard, because a partition takes 2,000 entities a second.
/// </summary>
/// <param name="Number">From 0 to <see cref="Count"/> less one.</param>
public readonly record struct Shard(int Number)
{
    /// <summary>
    /// How many shards there are. Fixed when a deployment is created: rows of another count would not be found again.
    /// </summary>
    public const int Count = 4;

    /// <summary>Partitions of a shard in tables with a row a trace.</summary>
    internal const int TracePartitions = 4;

    private static readonly string[] TracePartitionKeys =
        [.. Enumerable.Range(0, Count * TracePartitions).Select(number => string.Create(CultureInfo.InvariantCulture, $"t{number:x2}"))];

    /// <summary>All shards in order.</summary>
    public static IEnumerable<Shard> All => Enumerable.Range(0, Count).Select(number => new Shard(number));

    /// <summary>The partition key.</summary>
    public string PartitionKey => string.Create(CultureInfo.InvariantCulture, $"s{Number:x2}");

    /// <summary>The shard of a trace.</summary>
    public static Shard Of(TraceId trace) => new(TracePartitionNumber(trace) / TracePartitions);

    /// <summary>The partition key of a trace's row in tables with a row a trace.</summary>
    public static string TracePartitionOf(TraceId trace) => TracePartitionKeys[TracePartitionNumber(trace)];

    /// <summary>The number of a trace's partition among those of its shard.</summary>
    internal static int TracePartitionInShard(TraceId trace) => TracePartitionNumber(trace) % TracePartitions;

    /// <summary>The shard of a partition key; false for anything else.</summary>
    public static bool TryParse(string partitionKey, out Shard shard)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        int number = 0;
        bool parsed = partitionKey.Length == 3 && partitionKey[0] == 's'
            && int.TryParse(partitionKey.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            && number < Count;
        shard = new Shard(parsed ? number : 0);
        return parsed;
    }

    /// <summary>The shard of a chunk by its row key: the source, the shard, the batch and the part, with dashes between.</summary>
    internal static Shard OfChunk(string rowKey) => new(int.Parse(rowKey.Split('-')[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    // Ids are mixed first: some senders make only part of an id random (AWS X-Ray puts a time first, B3 pads with zeros).
    private static int TracePartitionNumber(TraceId trace) =>
        (int)(((trace.Low ^ (trace.High * 0x9E3779B97F4A7C15)) * 0xD6E8FEB86659FD93) >> 60);
}
