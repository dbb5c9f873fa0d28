using System.Buffers.Binary;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>A protobuf message, written field by field and reused. Fields with the default value are left out, as encoders do.</summary>
internal sealed class ProtobufText
{
    private byte[] _buffer = new byte[1 << 16];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Begins a message in the message; returns what <see cref="End"/> needs.</summary>
    public int Begin(int field)
    {
        Varint((ulong)((field << 3) | 2));
        Reserve(1);
        return Length;
    }

    /// <summary>Ends a message: now that its length is known it is written before it.</summary>
    public void End(int start)
    {
        int length = Length - start;
        int extra = 0;
        for (int rest = length >> 7; rest > 0; rest >>= 7)
        {
            extra++;
        }

        Reserve(extra);
        _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(start + extra));
        int end = Length;
        Length = start - 1;
        Varint((ulong)length);
        Length = end;
    }

    public void Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            Always(field, bytes);
        }
    }

    /// <summary>A value of a oneof is written even if it is the default.</summary>
    public void Always(int field, ReadOnlySpan<byte> bytes)
    {
        Varint((ulong)((field << 3) | 2));
        Varint((ulong)bytes.Length);
        bytes.CopyTo(Reserve(bytes.Length));
    }

    public void Number(int field, ulong value)
    {
        Varint((ulong)(field << 3));
        Varint(value);
    }

    public void Fixed64(int field, ulong value)
    {
        Varint((ulong)((field << 3) | 1));
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Reserve(1)[0] = (byte)(value | 0x80);
        }

        Reserve(1)[0] = (byte)value;
    }

    private Span<byte> Reserve(int length)
    {
        if (Length + length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + length));
        }

        Length += length;
        return _buffer.AsSpan(Length - length, length);
    }
}
