using Azure.Data.Tables;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Retention;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>What a merged block's row has beside what blocks have: which blocks it took in, and when the newest of them was sealed.</summary>
internal static class MergedBlockRow
{
    /// <summary>The property with the blocks that were merged: sealing time, shard and sequence of each, as numbers of 7 bits a byte, by time.</summary>
    public const string Merged = "Merged";

    /// <summary>The property with the sealing time of the newest block, in ms since 1970 UTC.</summary>
    public const string Newest = "Newest";

    /// <summary>Blocks that a row can name: each takes 8 bytes at most, and a property 64 KiB.</summary>
    public const int MaxBlocks = 8_000;

    public static void Write(TableEntity row, IReadOnlyCollection<BlockKey> blocks)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        long at = 0;
        foreach (BlockKey block in blocks.OrderBy(block => block.SealedAtUnixMs))
        {
            writer.Write7BitEncodedInt64(block.SealedAtUnixMs - at);
            writer.Write((byte)block.Shard.Number);
            writer.Write7BitEncodedInt(block.Sequence);
            at = block.SealedAtUnixMs;
        }

        writer.Flush();
        row[Merged] = bytes.ToArray();
        row[Newest] = at;
    }

    /// <summary>Copies what a row says of itself, beside its content, to the row that is to replace it.</summary>
    public static void Keep(TableEntity stored, TableEntity row)
    {
        foreach (string property in (string[])[Merged, Newest, ExpiringRow.StageProperty])
        {
            if (stored.TryGetValue(property, out object? value))
            {
                row[property] = value;
            }
        }
    }

    /// <summary>The blocks that a row took in; none for any other row.</summary>
    public static List<BlockKey> Read(TableEntity row)
    {
        var blocks = new List<BlockKey>();
        using var reader = new BinaryReader(new MemoryStream(row.GetBinary(Merged) ?? []));
        int hour = BlockKey.HourOf(row.PartitionKey);
        long at = 0;
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            at += reader.Read7BitEncodedInt64();
            blocks.Add(new BlockKey(hour, new Shard(reader.ReadByte()), at, reader.Read7BitEncodedInt()));
        }

        return blocks;
    }
}
