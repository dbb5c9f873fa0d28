using System.Globalization;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Keys;

/// <summary>One of the fixed number of parts into which traces are divided by their ids; a shard is a table partition.</summary>
/// <param name="Number">From 0 to <see cref="Count"/> less one.</param>
public readonly record struct Shard(int Number)
{
    /// <summary>
    /// How many shards there are. Fixed when a deployment is created: rows of another count would not be found again.
    /// </summary>
    public const int Count = 16;

    /// <summary>All shards in order.</summary>
    public static IEnumerable<Shard> All => Enumerable.Range(0, Count).Select(number => new Shard(number));

    /// <summary>The partition key.</summary>
    public string PartitionKey => string.Create(CultureInfo.InvariantCulture, $"s{Number:x2}");

    /// <summary>
    /// The shard of a trace. Ids are mixed first: some senders make only part of an id random (AWS X-Ray puts a time first, B3 pads with zeros).
    /// </summary>
    public static Shard Of(TraceId trace)
    {
        ulong mixed = (trace.Low ^ (trace.High * 0x9E3779B97F4A7C15)) * 0xD6E8FEB86659FD93;
        return new Shard((int)(mixed >> 60) & (Count - 1));
    }

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
}
