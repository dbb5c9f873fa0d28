using System.Text;
using Azure.Data.Tables;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Traces;

/// <summary>
/// The form of a trace's row. All is in the packed property, since every property of its own costs bytes in every row:
/// version (1 byte), flags (1), then as numbers of 7 bits a byte revision, block hour, sealing time, and sequence; with the flag
/// <see cref="Sampled"/> the units of its count. Then comes the content, or, with the flag <see cref="Spilled"/>, the name of the blob that holds it:
/// with the flag <see cref="Resealed"/> the length of the revision's difference, and the difference; then the packed spans.
/// </summary>
internal static class TraceRow
{
    private const byte Version = 1;
    private const byte Spilled = 1;
    private const byte Resealed = 2;
    private const byte Sampled = 4;
    private const int MaxHeaderBytes = 37;
    private const int MaxNumberBytes = 5;

    /// <summary>The longest content that fits into a row.</summary>
    public const int MaxContent = PackedProperties.MaxBytes - MaxHeaderBytes;

    public static int ContentLength(SealedTrace trace) =>
        trace.Packed.Length + (trace.Difference.IsEmpty ? 0 : MaxNumberBytes + trace.Difference.Length);

    public static byte[] Content(SealedTrace trace)
    {
        using var bytes = new MemoryStream(ContentLength(trace));
        using var writer = new BinaryWriter(bytes);
        WriteContent(trace, writer);
        return bytes.ToArray();
    }

    /// <summary>The row of a trace, with its content unless that lies in a blob.</summary>
    public static TableEntity Write(SealedTrace trace, string? blob)
    {
        using var bytes = new MemoryStream(MaxHeaderBytes + (blob?.Length ?? ContentLength(trace)));
        using var writer = new BinaryWriter(bytes);
        bool isSampled = trace.Count != AdjustedCount.One;
        writer.Write(Version);
        writer.Write((byte)((blob is null ? 0 : Spilled) | (trace.Difference.IsEmpty ? 0 : Resealed) | (isSampled ? Sampled : 0)));
        writer.Write7BitEncodedInt(trace.Summary.Revision);
        writer.Write7BitEncodedInt(trace.Block.Hour);
        writer.Write7BitEncodedInt64(trace.Block.SealedAtUnixMs);
        writer.Write7BitEncodedInt(trace.Block.Sequence);
        if (isSampled)
        {
            writer.Write7BitEncodedInt64(trace.Count.Units);
        }

        if (blob is null)
        {
            WriteContent(trace, writer);
        }
        else
        {
            writer.Write(Encoding.UTF8.GetBytes(blob));
        }

        TraceId id = trace.Summary.TraceId;
        var row = new TableEntity(Shard.TracePartitionOf(id), id.ToString());
        PackedProperties.Write(row, bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        return row;
    }

    /// <summary>The blob that holds a row's content; null where the row does.</summary>
    public static string? SpilledTo(TraceId trace, TableEntity row)
    {
        ReadHeader(trace, row, out byte flags, out ReadOnlyMemory<byte> content);
        return (flags & Spilled) != 0 ? Encoding.UTF8.GetString(content.Span) : null;
    }

    /// <summary>A trace as stored; with the content of its blob where it has one.</summary>
    public static StoredTrace Read(TraceId trace, TableEntity row, string? blob, ReadOnlyMemory<byte> blobContent)
    {
        StoredTrace header = ReadHeader(trace, row, out byte flags, out ReadOnlyMemory<byte> content);
        content = blob is null ? content : blobContent;
        ReadOnlyMemory<byte> difference = default;
        if ((flags & Resealed) != 0)
        {
            using var bytes = new MemoryStream(content[..Math.Min(content.Length, MaxNumberBytes)].ToArray());
            using var reader = new BinaryReader(bytes);
            int length = reader.Read7BitEncodedInt();
            difference = content.Slice((int)bytes.Position, length);
            content = content[((int)bytes.Position + length)..];
        }

        return header with { Difference = difference, Packed = content, SpilledTo = blob };
    }

    /// <summary>Where a row's summary is, and whether its content lies in a blob; null where the row is damaged, or of another version.</summary>
    public static (BlockKey Block, bool IsSpilled)? TryReadPlace(TraceId trace, TableEntity row)
    {
        try
        {
            return (ReadHeader(trace, row, out byte flags, out _).Block, (flags & Spilled) != 0);
        }
        catch (Exception damaged) when (damaged is InvalidDataException or IOException or FormatException)
        {
            return null;
        }
    }

    private static void WriteContent(SealedTrace trace, BinaryWriter writer)
    {
        if (!trace.Difference.IsEmpty)
        {
            writer.Write7BitEncodedInt(trace.Difference.Length);
            writer.Write(trace.Difference.Span);
        }

        writer.Write(trace.Packed.Span);
    }

    private static StoredTrace ReadHeader(TraceId trace, TableEntity row, out byte flags, out ReadOnlyMemory<byte> content)
    {
        byte[] bytes = PackedProperties.Read(row);
        if (bytes.Length == 0 || bytes[0] != Version)
        {
            throw new InvalidDataException($"The row of trace {trace} has an unknown form. It was written by another version, or is damaged.");
        }

        using var header = new MemoryStream(bytes);
        using var reader = new BinaryReader(header);
        reader.ReadByte();
        flags = reader.ReadByte();
        int revision = reader.Read7BitEncodedInt();
        var block = new BlockKey(reader.Read7BitEncodedInt(), Shard.Of(trace), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt());
        AdjustedCount count = (flags & Sampled) != 0 ? new AdjustedCount(reader.Read7BitEncodedInt64()) : AdjustedCount.One;
        content = bytes.AsMemory((int)header.Position);
        return new StoredTrace(revision, block, count, default, default, row.ETag, null);
    }
}
