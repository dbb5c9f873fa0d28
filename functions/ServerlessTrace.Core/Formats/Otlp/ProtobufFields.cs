using System.Runtime.CompilerServices;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Steps over the fields of one protobuf message (Protocol Buffers encoding guide) in place, never beyond its end.
/// </summary>
internal unsafe struct ProtobufFields(byte* start, byte* end)
{
    /// <summary>Groups are deprecated and OTLP has none; unknown ones may nest as deep as this.</summary>
    private const int MaximumGroupDepth = 32;

    private byte* _at = start;

    /// <summary>A field's number and wire type, as they are encoded: number × 8 + type.</summary>
    public uint Tag;

    /// <summary>The value of a varint, fixed64 or fixed32 field.</summary>
    public ulong Number;

    /// <summary>Where the content of a length-delimited field begins.</summary>
    public byte* Start;

    /// <summary>How long it is.</summary>
    public int Length;

    /// <summary>What is wrong with the encoding; null while nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Where reading has come to.</summary>
    public readonly byte* At => _at;

    /// <summary>The content of a length-delimited field.</summary>
    public readonly ReadOnlySpan<byte> Bytes => new(Start, Length);

    /// <summary>The fields of the message that this length-delimited field is.</summary>
    public readonly ProtobufFields Message => new(Start, Start + Length);

    /// <summary>Reads the next field; false at the end, or where <see cref="Fault"/> says why.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next()
    {
        // Nearly all tags and lengths take one byte.
        if (end - _at >= 2 && _at[0] < 0x80 && (_at[0] & 7) == 2 && _at[1] < 0x80 && end - _at >= _at[1] + 2 && _at[0] >= 8)
        {
            Tag = _at[0];
            Length = _at[1];
            Start = _at + 2;
            _at += 2 + Length;
            return true;
        }

        return NextOfAnyKind();
    }

    /// <summary>Reads a varint of at most 64 bits; null if there is none before the end.</summary>
    public static byte* ReadVarint(byte* at, byte* end, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && at < end; shift += 7)
        {
            byte next = *at++;
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return at;
            }
        }

        return null;
    }

    private bool NextOfAnyKind()
    {
        if (_at >= end)
        {
            return false;
        }

        byte* at = ReadVarint(_at, end, out ulong tag);
        if (at is null || tag < 8 || tag > uint.MaxValue)
        {
            return Fail("no field begins here");
        }

        Tag = (uint)tag;
        switch (Tag & 7)
        {
            case 0:
                at = ReadVarint(at, end, out Number);
                return at is null ? Fail("a number is cut off or too long") : Advance(at);
            case 1:
                if (end - at < 8)
                {
                    return Fail("a fixed64 is cut off");
                }

                Number = Unsafe.ReadUnaligned<ulong>(at);
                return Advance(at + 8);
            case 2:
                at = ReadVarint(at, end, out ulong length);
                if (at is null || length > (ulong)(end - at))
                {
                    return Fail("a field is longer than the message around it");
                }

                Start = at;
                Length = (int)length;
                return Advance(at + Length);
            case 3:
                at = SkipGroup(at, Tag >> 3, 1);
                return at is null ? Fail("a group is not closed or nests too deep") : Advance(at);
            case 5:
                if (end - at < 4)
                {
                    return Fail("a fixed32 is cut off");
                }

                Number = Unsafe.ReadUnaligned<uint>(at);
                return Advance(at + 4);
            default:
                return Fail("no field has this wire type");
        }
    }

    private byte* SkipGroup(byte* at, uint field, int depth)
    {
        while (depth <= MaximumGroupDepth)
        {
            at = ReadVarint(at, end, out ulong tag);
            if (at is null || tag < 8 || tag > uint.MaxValue)
            {
                return null;
            }

            ulong number;
            switch (tag & 7)
            {
                case 0:
                    at = ReadVarint(at, end, out _);
                    break;
                case 1:
                    at = end - at < 8 ? null : at + 8;
                    break;
                case 2:
                    at = ReadVarint(at, end, out number);
                    at = at is null || number > (ulong)(end - at) ? null : at + number;
                    break;
                case 3:
                    at = SkipGroup(at, (uint)tag >> 3, depth + 1);
                    break;
                case 4:
                    return (uint)tag >> 3 == field ? at : null;
                case 5:
                    at = end - at < 4 ? null : at + 4;
                    break;
                default:
                    return null;
            }

            if (at is null)
            {
                return null;
            }
        }

        return null;
    }

    private bool Advance(byte* at)
    {
        _at = at;
        return true;
    }

    private bool Fail(string fault)
    {
        Fault = fault;
        return false;
    }
}
