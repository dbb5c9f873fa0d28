using System.Buffers;
using System.Globalization;

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
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>The partition: the day.</summary>
    public string PartitionKey => PartitionOf(RowKey);

    /// <summary>The row key, which is also the id in URLs.</summary>
    public string RowKey =>
        string.Create(CultureInfo.InvariantCulture, $"{LastMs - Math.Clamp(WrittenAt.ToUnixTimeMilliseconds(), 0, LastMs):D13}-{Source.Hex}");

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
