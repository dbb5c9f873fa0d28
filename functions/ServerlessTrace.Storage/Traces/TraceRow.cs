using Azure.Data.Tables;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Traces;

/// <summary>
/// The form of a trace's row. All is in the packed property, since every property of its own costs bytes in every row:
/// version (1 byte), flags (1), then as numbers of 7 bits a byte revision, block hour, sealing time, and sequence; then the packed
/// spans, or, with the flag <see cref="Spilled"/>, the name of the blob that holds them.
/// </summary>
internal static class TraceRow
{
    private const byte Version = 1;
    private const byte Spilled = 1;
    private const int MaxHeaderBytes = 27;

    /// <summary>The longest packed spans that fit into a row.</summary>
    public const int MaxPacked = PackedProperties.MaxBytes - MaxHeaderBytes;

    public static TableEntity Write(TraceId trace, int revision, BlockKey block, ReadOnlySpan<byte> content, bool spilled)
    {
        using var bytes = new MemoryStream(MaxHeaderBytes + content.Length);
        using var writer = new BinaryWriter(bytes);
        writer.Write(Version);
        writer.Write(spilled ? Spilled : (byte)0);
        writer.Write7BitEncodedInt(revision);
        writer.Write7BitEncodedInt(block.Hour);
        writer.Write7BitEncodedInt64(block.SealedAtUnixMs);
        writer.Write7BitEncodedInt(block.Sequence);
        writer.Write(content);
        var row = new TableEntity(Shard.Of(trace).PartitionKey, trace.ToString());
        PackedProperties.Write(row, bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        return row;
    }

    public static (int Revision, BlockKey Block, ReadOnlyMemory<byte> Content, bool IsSpilled) Read(TraceId trace, TableEntity row)
    {
        byte[] bytes = PackedProperties.Read(row);
        if (bytes.Length == 0 || bytes[0] != Version)
        {
            throw new InvalidDataException($"The row of trace {trace} has an unknown form. It was written by another version, or is damaged.");
        }

        using var header = new MemoryStream(bytes);
        using var reader = new BinaryReader(header);
        reader.ReadByte();
        bool spilled = (reader.ReadByte() & Spilled) != 0;
        int revision = reader.Read7BitEncodedInt();
        var block = new BlockKey(reader.Read7BitEncodedInt(), Shard.Of(trace), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt());
        return (revision, block, bytes.AsMemory((int)header.Position), spilled);
    }
}
