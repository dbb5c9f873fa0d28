using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ServerlessTrace.Storage.Packing;

/// <summary>Reads what <see cref="PackWriter"/> wrote; anything that does not fit is an <see cref="InvalidDataException"/>.</summary>
internal ref struct PackReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public readonly int Remaining => _bytes.Length - _at;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Byte()
    {
        int at = _at;
        if ((uint)at >= (uint)_bytes.Length)
        {
            Malformed.Throw("it ends too early");
        }

        _at = at + 1;
        return _bytes[at];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Varint()
    {
        byte first = Byte();
        return first < 128 ? first : LongVarint(first);
    }

    /// <summary>A number below a limit: a count or a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Below(long limit, string what)
    {
        ulong value = Varint();
        if (value >= (ulong)limit)
        {
            Malformed.Throw(what);
        }

        return (int)value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Signed()
    {
        ulong value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining)
        {
            Malformed.Throw("it ends too early");
        }

        _at += count;
        return _bytes.Slice(_at - count, count);
    }

    private ulong LongVarint(ulong value)
    {
        value &= 127;
        for (int shift = 7; shift < 70; shift += 7)
        {
            byte next = Byte();
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }

        Malformed.Throw("a number is too long");
        return 0;
    }
}
