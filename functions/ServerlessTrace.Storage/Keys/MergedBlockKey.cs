using System.Globalization;

namespace ServerlessTrace.Storage.Keys;

/// <summary>
/// One of the few rows that many blocks of an hour were merged into; they are in the blocks' partition, and come after all of them, so that who reads the
/// partition in order sees a block that is merged meanwhile in one place at least.
/// </summary>
/// <param name="Hour">Hours since 1970 UTC, as in <see cref="BlockKey"/>.</param>
/// <param name="Number">Counts the rows of the hour, from 0.</param>
public readonly record struct MergedBlockKey(int Hour, int Number)
{
    private const int HourDigits = 7;

    /// <summary>What the row keys of merged blocks begin with; those of others sort before it.</summary>
    public const string First = "m";

    private const string GuardPrefix = First + "-";

    /// <summary>The partition key.</summary>
    public string PartitionKey => BlockKey.PartitionOf(Hour);

    /// <summary>The row key, unique over all partitions.</summary>
    public string RowKey => string.Create(CultureInfo.InvariantCulture, $"{StateRowKeyOf(Hour)}-{Number:x4}");

    /// <summary>The row that tells how far the hour is merged. It comes after the guards and before the merged rows.</summary>
    public static string StateRowKeyOf(int hour) => First + BlockKey.PartitionOf(hour)[1..];

    /// <summary>The row that every merge of a shard's blocks changes, and every addition of one that may be merged already.</summary>
    public static string GuardRowKeyOf(Shard shard) => string.Create(CultureInfo.InvariantCulture, $"{GuardPrefix}{shard.Number:x2}");

    /// <summary>The shard of a guard's row key; false for the key of any other row.</summary>
    public static bool TryParseGuard(string rowKey, out Shard shard)
    {
        ArgumentNullException.ThrowIfNull(rowKey);
        int number = 0;
        bool parsed = rowKey.StartsWith(GuardPrefix, StringComparison.Ordinal)
            && int.TryParse(rowKey.AsSpan(GuardPrefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        shard = new Shard(number);
        return parsed;
    }

    /// <summary>The partition of a block's or merged block's row key.</summary>
    internal static string PartitionOf(string rowKey) =>
        rowKey.StartsWith(First, StringComparison.Ordinal) ? $"h{rowKey.AsSpan(First.Length, HourDigits)}" : rowKey[..(HourDigits + 1)];
}
