using System.IO.Compression;
using System.Text.Json;
using Azure.Data.Tables;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>A value as compressed JSON in a row, behind a version byte.</summary>
internal static class PackedJson
{
    private const byte Version = 1;

    public static void Write<T>(TableEntity row, T value)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(Version);
        using (var brotli = new BrotliStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            JsonSerializer.Serialize(brotli, value, AlertingJson.Options);
        }

        PackedProperties.Write(row, bytes.ToArray());
    }

    /// <exception cref="InvalidDataException">The row is damaged, or of a later version.</exception>
    public static T Read<T>(TableEntity row)
    {
        byte[] bytes = PackedProperties.Read(row);
        if (bytes is not [Version, ..])
        {
            throw new InvalidDataException($"Row {row.RowKey} is damaged, or of a later version.");
        }

        using var brotli = new BrotliStream(new MemoryStream(bytes, 1, bytes.Length - 1), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<T>(brotli, AlertingJson.Options) ?? throw new InvalidDataException($"Row {row.RowKey} is empty.");
    }
}
