using Azure.Data.Tables;

namespace ServerlessTrace.Storage.Rows;

/// <summary>Bytes in a table row: as many binary properties as the 64 KiB limit of one needs.</summary>
internal static class PackedProperties
{
    /// <summary>
    /// What a row may hold. The service allows 1 MiB an entity; Azurite refuses single writes over about 700 KB, so rows stay below that.
    /// </summary>
    public const int MaxBytes = 9 * PropertyBytes;

    /// <summary>The first property, for queries that select it; the others are <c>P1</c> to <c>P8</c>.</summary>
    public const string First = "P";

    /// <summary>All properties, for queries that select them.</summary>
    public static IReadOnlyList<string> All => Names;

    private const int PropertyBytes = 64 * 1024;

    private static readonly string[] Names = ["P", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"];

    public static void Write(TableEntity row, ReadOnlySpan<byte> bytes) => Write(row, Names, bytes);

    public static byte[] Read(TableEntity row) => Read(row, Names);

    /// <summary>Writes bytes to properties of other names, of which there are nine.</summary>
    public static void Write(TableEntity row, IReadOnlyList<string> names, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            throw new ArgumentException($"{bytes.Length} bytes do not fit into one row of at most {MaxBytes}.", nameof(bytes));
        }

        for (int i = 0; i == 0 || i * PropertyBytes < bytes.Length; i++)
        {
            int start = i * PropertyBytes;
            row[names[i]] = bytes[start..Math.Min(bytes.Length, start + PropertyBytes)].ToArray();
        }
    }

    /// <summary>Reads bytes from properties of other names; none where the row has none.</summary>
    public static byte[] Read(TableEntity row, IReadOnlyList<string> names)
    {
        byte[] first = row.GetBinary(names[0]) ?? [];
        if (!row.ContainsKey(names[1]))
        {
            return first;
        }

        byte[] bytes = new byte[names.Sum(name => row.GetBinary(name)?.Length ?? 0)];
        int at = 0;
        for (int i = 0; i < names.Count && row.GetBinary(names[i]) is { } part; i++)
        {
            part.CopyTo(bytes, at);
            at += part.Length;
        }

        return bytes;
    }
}
