using System.Buffers;
using System.Text;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Writes a small protobuf message (Protocol Buffers, "Encoding"): fields of the default value are left out, as proto3 does.</summary>
internal sealed class ProtobufMessage
{
    private const int Varint = 0;
    private const int Bytes = 2;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ProtobufMessage Add(int field, long value)
    {
        if (value != 0)
        {
            WriteVarint(((ulong)field << 3) | Varint);
            WriteVarint((ulong)value);
        }

        return this;
    }

    public ProtobufMessage Add(int field, string text) => text.Length == 0 ? this : Add(field, Encoding.UTF8.GetBytes(text));

    /// <summary>An empty message is something else than none.</summary>
    public ProtobufMessage Add(int field, ProtobufMessage message) => Add(field, message._bytes.WrittenSpan);

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    private ProtobufMessage Add(int field, ReadOnlySpan<byte> bytes)
    {
        WriteVarint(((ulong)field << 3) | Bytes);
        WriteVarint((ulong)bytes.Length);
        _bytes.Write(bytes);
        return this;
    }

    private void WriteVarint(ulong value)
    {
        Span<byte> bytes = _bytes.GetSpan(10);
        int count = 0;
        for (; value >= 0x80; value >>= 7)
        {
            bytes[count++] = (byte)(value | 0x80);
        }

        bytes[count++] = (byte)value;
        _bytes.Advance(count);
    }
}
