using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ServerlessTrace.LocalHost.Durable.History;

/// <summary>
/// A log is a sequence of frames: a version byte, which also says how the record is packed, the length of the body as a
/// little-endian 32-bit number, and the body, one record as JSON.
/// </summary>
internal static class HistoryCodec
{
    private const byte Plain = 1;
    private const byte Brotli = 2;
    private const int HeaderLength = 5;
    private const int WorthCompressing = 256;
    private const int MaxRecordLength = 256 << 20;

    // Payloads are JSON inside JSON: the default encoder would write every quote in six characters.
    private static readonly HistoryJson Json = new(new JsonSerializerOptions(HistoryJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static byte[] Encode(HistoryRecord record)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(record, Json.HistoryRecord);
        if (json.Length < WorthCompressing)
        {
            return Frame(Plain, json);
        }

        byte[] packed = new byte[BrotliEncoder.GetMaxCompressedLength(json.Length)];
        return BrotliEncoder.TryCompress(json, packed, out int length, quality: 4, window: 20)
            ? Frame(Brotli, packed.AsSpan(0, length))
            : Frame(Plain, json);
    }

    public static List<HistoryRecord> Decode(ReadOnlySpan<byte> log)
    {
        var records = new List<HistoryRecord>();
        while (!log.IsEmpty)
        {
            byte version = log[0];
            int length = BinaryPrimitives.ReadInt32LittleEndian(log[1..]);
            ReadOnlySpan<byte> body = log.Slice(HeaderLength, length);
            records.Add(version switch
            {
                Plain => Parse(body),
                Brotli => Parse(Unpack(body)),
                _ => throw new InvalidDataException($"The history was written by a newer version (record version {version})."),
            });
            log = log[(HeaderLength + length)..];
        }

        return records;
    }

    private static HistoryRecord Parse(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, Json.HistoryRecord) ?? throw new InvalidDataException("The history holds an empty record.");

    private static byte[] Unpack(ReadOnlySpan<byte> packed)
    {
        using var source = new MemoryStream(packed.ToArray());
        using var brotli = new BrotliStream(source, CompressionMode.Decompress);
        using var target = new MemoryStream();
        byte[] buffer = new byte[16 << 10];
        while (brotli.Read(buffer) is var read and > 0)
        {
            target.Write(buffer, 0, read);
            if (target.Length > MaxRecordLength)
            {
                throw new InvalidDataException("The history holds a record that unpacks to an absurd size.");
            }
        }

        return target.ToArray();
    }

    private static byte[] Frame(byte version, ReadOnlySpan<byte> body)
    {
        byte[] frame = new byte[HeaderLength + body.Length];
        frame[0] = version;
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(1), body.Length);
        body.CopyTo(frame.AsSpan(HeaderLength));
        return frame;
    }
}
