using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServerlessTrace.Core.Spans;

/// <summary>Hexadecimal digits to numbers and back, on UTF-8 and UTF-16.</summary>
internal static class HexText
{
    private static ReadOnlySpan<byte> Digits => "0123456789abcdef"u8;

    /// <summary>Reads 1 to 16 digits of either case.</summary>
    public static bool TryParse(ReadOnlySpan<byte> digits, out ulong value)
    {
        value = 0;
        if (digits.IsEmpty || digits.Length > 16)
        {
            return false;
        }

        ulong result = 0;
        foreach (byte digit in digits)
        {
            int nibble = Nibble(digit);
            if (nibble < 0)
            {
                return false;
            }

            result = (result << 4) | (uint)nibble;
        }

        value = result;
        return true;
    }

    /// <summary>Reads exactly 16 digits of either case.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe bool TryParse16(byte* digits, out ulong value)
    {
        Vector128<byte> text = Vector128.Load(digits);
        Vector128<byte> digit = text - Vector128.Create((byte)'0');
        Vector128<byte> letter = (text | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a');
        Vector128<byte> isDigit = Vector128.LessThanOrEqual(digit, Vector128.Create((byte)9));
        Vector128<byte> isLetter = Vector128.LessThanOrEqual(letter, Vector128.Create((byte)5));
        Vector128<ushort> pairs = Vector128.ConditionalSelect(isDigit, digit, letter + Vector128.Create((byte)10)).AsUInt16();
        Vector128<ushort> bytes = ((pairs << 4) & Vector128.Create((ushort)0xF0)) | (pairs >> 8);
        value = BinaryPrimitives.ReverseEndianness(Vector128.Narrow(bytes, bytes).AsUInt64().ToScalar());
        return (isDigit | isLetter) == Vector128<byte>.AllBitsSet;
    }

    /// <summary>Writes 16 lower-case digits.</summary>
    public static void Format(ulong value, Span<byte> destination)
    {
        for (int i = 15; i >= 0; i--)
        {
            destination[i] = Digits[(int)(value & 15)];
            value >>= 4;
        }
    }

    private static int Nibble(byte digit)
    {
        int lower = digit | 0x20;
        if ((uint)(digit - '0') <= 9)
        {
            return digit - '0';
        }

        return (uint)(lower - 'a') <= 5 ? lower - 'a' + 10 : -1;
    }
}
