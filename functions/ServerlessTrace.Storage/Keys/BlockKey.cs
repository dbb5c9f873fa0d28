using System.Globalization;

namespace ServerlessTrace.Storage.Keys;

/// <summary>
/// Where the summaries of traces lie that one shard sealed at one moment: the partition is the hour in which they started,
/// counted backwards so that the newest comes first.
/// </summary>
/// <param name="Hour">Hours since 1970 UTC of the traces' start.</param>
/// <param name="Shard">Their shard.</param>
/// <param name="SealedAtUnixMs">When they were sealed.</param>
/// <param name="Sequence">Counts blocks of the same moment.</param>
public readonly record struct BlockKey(int Hour, Shard Shard, long SealedAtUnixMs, int Sequence)
{
    private const int LastHour = 9_999_999;
    private const long NanosPerHour = 3_600_000_000_000;

    /// <summary>The partition key.</summary>
    public string PartitionKey => PartitionOf(Hour);

    /// <summary>The row key, unique over all partitions; in the order of sealing, so that what was sealed since a time is a range.</summary>
    public string RowKey => string.Create(CultureInfo.InvariantCulture, $"{RowKeyOf(Hour, SealedAtUnixMs)}-{Shard.Number:x2}-{Sequence:x2}");

    /// <summary>Where the row keys of an hour's traces begin that were sealed at a time, in ms since 1970 UTC, or later.</summary>
    public static string RowKeyOf(int hour, long sealedAtUnixMs) =>
        string.Create(CultureInfo.InvariantCulture, $"{PartitionOf(hour)}-{Math.Max(0, sealedAtUnixMs):x12}");

    /// <summary>What the age of an hour's traces is counted from: the end of the hour in which they started, or when they were sealed, if that is later.</summary>
    public static DateTimeOffset AgesFrom(int hour, long sealedAtUnixMs) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(sealedAtUnixMs, (hour + 1) * 3_600_000L));

    /// <summary>The hour of a time in ns since 1970 UTC.</summary>
    public static int HourOf(long unixNano) => (int)Math.Clamp(unixNano / NanosPerHour, 0, LastHour);

    /// <summary>The partition of an hour.</summary>
    public static string PartitionOf(int hour) =>
        string.Create(CultureInfo.InvariantCulture, $"h{LastHour - Math.Clamp(hour, 0, LastHour):D7}");

    /// <summary>The hour of a partition.</summary>
    public static int HourOf(string partitionKey)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        return LastHour - int.Parse(partitionKey.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>The block of a row key; false for the key of any other row.</summary>
    public static bool TryParse(string rowKey, out BlockKey key)
    {
        ArgumentNullException.ThrowIfNull(rowKey);
        string[] parts = rowKey.Split('-');
        bool parsed = parts.Length == 4 && parts[0].Length == 8 && parts[0][0] == 'h';
        int hour = 0, shard = 0, sequence = 0;
        long sealedAt = 0;
        parsed = parsed
            && int.TryParse(parts[0].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out hour)
            && long.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out sealedAt)
            && int.TryParse(parts[2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out shard)
            && int.TryParse(parts[3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out sequence);
        key = parsed ? new BlockKey(LastHour - hour, new Shard(shard), sealedAt, sequence) : default;
        return parsed;
    }
}
