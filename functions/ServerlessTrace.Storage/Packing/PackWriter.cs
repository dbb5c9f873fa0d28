using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ServerlessTrace.Storage.Packing;

/// <summary>A growing buffer that keeps its memory.</summary>
internal sealed class PackWriter(int capacity)
{
    /// <summary>What the longest varint takes, kept free at the end of the buffer.</summary>
    private const int Slack = 10;

    private byte[] _buffer = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);

    public void Clear() => Length = 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Byte(byte value)
    {
        Reserve(1);
        _buffer[Length++] = value;
    }

    /// <summary>Writes 7 bits a byte, lowest first (LEB128).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Varint(ulong value)
    {
        Reserve(Slack);
        byte[] buffer = _buffer;
        int at = Length;
        while (value > 127)
        {
            buffer[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        buffer[at++] = (byte)value;
        Length = at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Varint(int value) => Varint((uint)value);

    /// <summary>Writes a signed number so that small magnitudes are short.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Signed(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fixed64(ulong value)
    {
        Reserve(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(Length), value);
        Length += 8;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fixed32(uint value)
    {
        Reserve(4);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(Length), value);
        Length += 4;
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>Appends bytes that the caller fills.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Take(int count)
    {
        Reserve(count);
        Length += count;
        return _buffer.AsSpan(Length - count, count);
    }

    public void Truncate(int length) => Length = length;

    /// <summary>Changes a byte that was written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Patch(int at, byte value) => _buffer[at] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int count)
    {
        if (_buffer.Length - Length < count)
        {
            Grow(count);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count) => Array.Resize(ref _buffer, Math.Max(checked(Length + count), (int)Math.Min(Array.MaxLength, _buffer.Length * 2L)));
}
