using System.Runtime.CompilerServices;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>
/// Reads quoted UTC times quickly: logs are written in time's order, so most times are in the minute of the one before, and
/// only their seconds need reading.
/// </summary>
internal sealed unsafe class TimeReader
{
    private const long NanosPerSecond = 1_000_000_000;
    private const int MinuteLength = 17;

    // "2026-02-26T18:00" of the last time read in full, and when that minute began.
    private ulong _date;
    private ulong _minute;
    private long _minuteNano;

    /// <summary>Reads a time of the remembered minute, from its opening quote to behind its closing one; null if it is not one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* TryReadQuick(byte* at, out long unixNano)
    {
        unixNano = 0;
        if (*at != '"' || _minuteNano == 0 || Unsafe.ReadUnaligned<ulong>(at + 1) != _date || Unsafe.ReadUnaligned<ulong>(at + 9) != _minute || at[MinuteLength] != ':')
        {
            return null;
        }

        uint tens = (uint)(at[18] - '0');
        uint ones = (uint)(at[19] - '0');
        if (tens > 5 || ones > 9)
        {
            return null;
        }

        long nano = 0;
        at += 20;
        if (*at == '.')
        {
            long scale = NanosPerSecond;
            byte* first = ++at;
            for (uint digit; (digit = (uint)(*at - '0')) <= 9 && at - first < 9; at++)
            {
                nano = (nano * 10) + digit;
                scale /= 10;
            }

            nano *= at == first ? 0 : scale;
            if (at == first)
            {
                return null;
            }
        }

        if (*at != 'Z' || at[1] != '"')
        {
            return null;
        }

        unixNano = _minuteNano + (((tens * 10) + ones) * NanosPerSecond) + nano;
        return at + 2;
    }

    /// <summary>Reads a plain decimal number times a power of ten, exactly; null for any other value.</summary>
    public static byte* TryReadDecimal(byte* at, int power, out long value)
    {
        value = 0;
        int places = power;
        byte* first = at;
        for (uint digit; (digit = (uint)(*at - '0')) <= 9; at++)
        {
            value = (value * 10) + digit;
        }

        long digits = at - first;
        if (digits == 0 || (*first == '0' && digits > 1))
        {
            return null;
        }

        if (*at == '.')
        {
            byte* point = at++;
            for (uint digit; (digit = (uint)(*at - '0')) <= 9 && power > 0; at++, power--)
            {
                value = (value * 10) + digit;
            }

            if (at == point + 1)
            {
                return null;
            }
        }

        // Eighteen digits never overflow; what is finer than 1, or in scientific notation, is read elsewhere.
        if (digits + places > 18 || (uint)(*at - '0') <= 9 || (*at | 0x20) == 'e')
        {
            return null;
        }

        for (; power > 0; power--)
        {
            value *= 10;
        }

        return at;
    }

    /// <summary>Remembers the minute of a value that was read in full.</summary>
    /// <param name="at">The value's opening quote; a value without one is not remembered.</param>
    /// <param name="unixNano">The time it means.</param>
    public void Remember(byte* at, long unixNano)
    {
        // Quick reading requires the Z, so a minute may be remembered only from a time that has one, not from one with an offset.
        int length = 20;
        while (*at == '"' && length < 31 && (at[length] is (byte)'.' or (>= (byte)'0' and <= (byte)'9')))
        {
            length++;
        }

        if (*at == '"' && at[5] == '-' && at[11] == 'T' && at[14] == ':' && at[MinuteLength] == ':' && at[18] < '6' && at[length] == 'Z' && at[length + 1] == '"')
        {
            _date = Unsafe.ReadUnaligned<ulong>(at + 1);
            _minute = Unsafe.ReadUnaligned<ulong>(at + 9);
            _minuteNano = unixNano - (unixNano % (60 * NanosPerSecond));
        }
    }
}
