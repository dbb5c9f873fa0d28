using System.Buffers;
using System.Globalization;
using Azure.Data.Tables;

namespace ServerlessTrace.Storage.Keys;

/// <summary>
/// A receipt's id: when its source was written, counted backwards so that the newest comes first, and the source's identity.
/// Both stay the same at a redelivery.
/// </summary>
/// <param name="WrittenAt">When the source was written.</param>
/// <param name="Source">The source.</param>
public readonly record struct ReceiptId(DateTimeOffset WrittenAt, SourceId Source)
{
    private const long LastMs = 9_999_999_999_999;
    private const int TimeDigits = 13;

    /// <summary>Behind the row keys of all sources, also those that were written before all time.</summary>
    private const string BehindAll = "9999999999999~";

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>The partition: the day.</summary>
    public string PartitionKey => PartitionOf(RowKey);

    /// <summary>The row key, which is also the id in URLs.</summary>
    public string RowKey =>
        $"{Inverted(WrittenAt, 0)}-{Source.Hex}";

    /// <summary>The partition of a row key.</summary>
    public static string PartitionOf(string rowKey)
    {
        ArgumentNullException.ThrowIfNull(rowKey);
        long inverted = long.Parse(rowKey.AsSpan(0, TimeDigits), NumberStyles.None, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"r{inverted / 86_400_000:D6}");
    }

    /// <summary>Whether a text has the form of a receipt's id.</summary>
    public static bool IsValid(string id) =>
        id is { Length: TimeDigits + 33 } && id[TimeDigits] == '-'
        && !id.AsSpan(0, TimeDigits).ContainsAnyExceptInRange('0', '9')
        && !id.AsSpan(TimeDigits + 1).ContainsAnyExcept(LowerHex);

    /// <summary>The filter for the rows of sources that were written from one time to before another.</summary>
    internal static string FilterOf(DateTimeOffset from, DateTimeOffset to)
    {
        string newest = Inverted(to, 1);
        string oldest = Inverted(from, 1);
        return TableClient.CreateQueryFilter(
            $"PartitionKey ge {PartitionOf(newest)} and PartitionKey le {PartitionOf(oldest)} and RowKey ge {newest} and RowKey lt {oldest}");
    }

    private static string Inverted(DateTimeOffset time, long more)
    {
        long inverted = LastMs - Math.Clamp(time.ToUnixTimeMilliseconds(), 0, LastMs) + more;
        return inverted > LastMs ? BehindAll : inverted.ToString("D13", CultureInfo.InvariantCulture);
    }

    /// <summary>The id of a row key.</summary>
    public static ReceiptId Parse(string rowKey)
    {
        ArgumentNullException.ThrowIfNull(rowKey);
        long inverted = long.Parse(rowKey.AsSpan(0, TimeDigits), NumberStyles.None, CultureInfo.InvariantCulture);
        return new ReceiptId(DateTimeOffset.FromUnixTimeMilliseconds(LastMs - inverted), new SourceId(rowKey[(TimeDigits + 1)..]));
    }

    /// <inheritdoc/>
    public override string ToString() => RowKey;
}
