using System.Runtime.CompilerServices;

namespace ServerlessTrace.Storage.Packing;

/// <summary>
/// Doubles that people log are mostly integers or have two or three decimals: those are written as an integer and a power of ten,
/// others bit by bit. The last two bits of the code say which.
/// </summary>
internal static class PackedNumber
{
    private const long Largest = 1L << 50;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(PackWriter codes, PackWriter noise, long bits)
    {
        double value = BitConverter.Int64BitsToDouble(bits);
        if (TryWrite(codes, bits, value, 1, 1) || TryWrite(codes, bits, value, 100, 2) || TryWrite(codes, bits, value, 1000, 3))
        {
            return;
        }

        codes.Byte(0);
        noise.Fixed64((ulong)bits);
    }

    public static long Read(ref PackReader codes, ref PackReader noise)
    {
        ulong code = codes.Varint();
        if (code == 0)
        {
            return (long)noise.Fixed64();
        }

        long scaled = (long)(code >> 3) ^ -(long)((code >> 2) & 1);
        double value = (code & 3) switch
        {
            1 => scaled,
            2 => scaled / 100.0,
            3 => scaled / 1000.0,
            _ => double.NaN,
        };
        if (double.IsNaN(value))
        {
            Malformed.Throw("a number has no such form");
        }

        return BitConverter.DoubleToInt64Bits(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryWrite(PackWriter codes, long bits, double value, double scale, ulong form)
    {
        double scaled = Math.Round(value * scale);
        if (!(Math.Abs(scaled) < Largest) || BitConverter.DoubleToInt64Bits((long)scaled / scale) != bits)
        {
            return false;
        }

        long integer = (long)scaled;
        codes.Varint((ulong)((integer << 1) ^ (integer >> 63)) << 2 | form);
        return true;
    }
}
