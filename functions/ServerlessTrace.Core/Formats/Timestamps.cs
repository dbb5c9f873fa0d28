using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ServerlessTrace.Core.Formats;

/// <summary>Times as logs write them, in nanoseconds since 1970 UTC.</summary>
internal static class Timestamps
{
    /// <summary>How times may be written, for messages.</summary>
    public const string Expected = "expected RFC 3339 such as 2026-02-26T18:00:00.123Z, or epoch seconds, ms, µs or ns";

    private const long NanosPerSecond = 1_000_000_000;
    private const long Year2000 = 946_684_800 * NanosPerSecond;
    private const long MaximumSecond = long.MaxValue / NanosPerSecond;

    /// <summary>
    /// Reads RFC 3339 to the nanosecond (finer digits are dropped), leniently: a space for the T, lower case, a comma for the
    /// point, an offset without colon or minutes, none at all for UTC; or a number as <see cref="TryParseEpoch"/> does.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long unixNano)
    {
        text = text.Trim((byte)' ');
        return text.Length >= 19 && text[4] == '-' ? TryParseRfc3339(text, out unixNano) : TryParseEpoch(text, out unixNano);
    }

    /// <summary>Whether a text is the zero time of Go and .NET, which stands for none.</summary>
    public static bool IsUnset(ReadOnlySpan<byte> text) => text.StartsWith("0001-01-01"u8);

    /// <summary>
    /// Reads the JSON of a time: a text, a number or an object; false for what is before the year 2000, as numbers are that mean something else.
    /// </summary>
    public static bool TryParseValue(ReadOnlySpan<byte> json, out long unixNano)
    {
        unixNano = 0;
        bool isText = json.Length > 1 && json[0] == '"';
        bool parsed = !json.IsEmpty && (json[0] == '{' ? TryParseObject(json, out unixNano) : TryParse(isText ? json[1..^1] : json, out unixNano));
        return parsed && unixNano >= Year2000;
    }

    /// <summary>
    /// Reads a time that is an object, its fields in any order: the 64-bit integers of JavaScript's protobuf libraries, in ns
    /// (<c>{"low": -1, "high": 395}</c>, each half a signed or unsigned 32-bit integer); protobuf's and log4j's seconds and nanoseconds
    /// (<c>{"seconds": …, "nanos": …}</c>, <c>{"epochSecond": …, "nanoOfSecond": …}</c>); loguru's <c>{"repr": …, "timestamp": …}</c>.
    /// </summary>
    public static bool TryParseObject(ReadOnlySpan<byte> json, out long unixNano)
    {
        unixNano = 0;
        (long? Low, long? High, long? Seconds, long Nanos) found = default;
        try
        {
            Utf8JsonReader reader = new(json);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString() ?? string.Empty;
                reader.Read();
                bool isNumber = reader.TokenType == JsonTokenType.Number;
                if (name == "timestamp" && isNumber && TryParseEpoch(reader.ValueSpan, out unixNano))
                {
                    return true;
                }

                long integer = 0;
                bool isInteger = (isNumber || reader.TokenType == JsonTokenType.String)
                    && long.TryParse(reader.ValueSpan, CultureInfo.InvariantCulture, out integer);
                bool isHalf = isInteger && isNumber && integer is >= int.MinValue and <= uint.MaxValue;
                switch (name)
                {
                    case "low" when isHalf:
                        found.Low = integer;
                        break;
                    case "high" when isHalf:
                        found.High = integer;
                        break;
                    case "seconds" or "_seconds" or "epochSecond" when isInteger && integer is >= Year2000 / NanosPerSecond and < MaximumSecond:
                        found.Seconds = integer;
                        break;
                    case "nanos" or "_nanoseconds" or "nanoOfSecond" when isInteger && integer is > 0 and < NanosPerSecond:
                        found.Nanos = integer;
                        break;
                }

                reader.Skip();
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return false;
        }

        if (found.Seconds is { } seconds)
        {
            unixNano = (seconds * NanosPerSecond) + found.Nanos;
            return true;
        }

        ulong time = found.Low is null || found.High is null ? 0 : ((ulong)(uint)found.High << 32) | (uint)found.Low;
        unixNano = time <= long.MaxValue ? (long)time : 0;
        return unixNano > 0;
    }

    /// <summary>
    /// Reads a decimal number of seconds, ms, µs or ns since 1970, told apart by magnitude: seconds below 10^11 (the year 5138), ms
    /// below 10^14, µs below 10^17, else ns. Fractions are exact.
    /// </summary>
    public static bool TryParseEpoch(ReadOnlySpan<byte> text, out long unixNano)
    {
        int digits = 0;
        while (digits < text.Length && (uint)(text[digits] - '0') <= 9)
        {
            digits++;
        }

        unixNano = 0;
        ReadOnlySpan<byte> whole = text[..digits].TrimStart((byte)'0');
        int unit = whole.Length <= 11 ? 9 : whole.Length <= 14 ? 6 : whole.Length <= 17 ? 3 : 0;
        return digits > 0 && TryParseDecimal(text, unit, out unixNano);
    }

    /// <summary>Reads a non-negative decimal number times a power of ten, exactly; what is finer than 1 is dropped.</summary>
    public static bool TryParseDecimal(ReadOnlySpan<byte> text, int power, out long value)
    {
        UInt128 total = 0;
        int at = 0;
        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
        {
            total = (total * 10) + (uint)(text[at] - '0');
            if (total > (UInt128)ulong.MaxValue)
            {
                value = 0;
                return false;
            }
        }

        int left = power;
        bool digits = at > 0;
        if (at < text.Length && text[at] == '.')
        {
            for (at++; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
            {
                digits = true;
                if (left > 0)
                {
                    total = (total * 10) + (uint)(text[at] - '0');
                    left--;
                }
            }
        }

        if (digits && at < text.Length)
        {
            return TryParseScientific(text, power, out value);
        }

        for (; left > 0; left--)
        {
            total *= 10;
        }

        value = total <= (UInt128)long.MaxValue ? (long)total : 0;
        return digits && total <= (UInt128)long.MaxValue;
    }

    private static bool TryParseScientific(ReadOnlySpan<byte> text, int power, out long value)
    {
        value = 0;
        if (!decimal.TryParse(text, NumberStyles.AllowExponent | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture, out decimal number))
        {
            return false;
        }

        decimal scale = 1;
        for (int i = 0; i < power; i++)
        {
            scale *= 10;
        }

        if (number < 0 || number > long.MaxValue / scale)
        {
            return false;
        }

        value = (long)(number * scale);
        return true;
    }

    private static bool TryParseRfc3339(ReadOnlySpan<byte> text, out long unixNano)
    {
        unixNano = 0;
        if (!TwoDigits(text, 0, out int century) | !TwoDigits(text, 2, out int year) | !TwoDigits(text, 5, out int month)
            | !TwoDigits(text, 8, out int day) | !TwoDigits(text, 11, out int hour) | !TwoDigits(text, 14, out int minute)
            | !TwoDigits(text, 17, out int second))
        {
            return false;
        }

        year += century * 100;
        if (text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':' || text[16] != ':'
            || month is < 1 or > 12 || year < 1 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[19..];
        if (!TryParseFraction(ref rest, out long nano) || !TryParseOffset(rest, out int offset))
        {
            return false;
        }

        long seconds = (DaysSince1970(year, month, day) * 86_400) + (hour * 3600) + (minute * 60) + second - offset;
        if (seconds < 0 || seconds >= MaximumSecond)
        {
            return false;
        }

        unixNano = (seconds * NanosPerSecond) + nano;
        return true;
    }

    /// <summary>Reads a fraction of a second, if one stands here, and takes it off.</summary>
    internal static bool TryParseFraction(ref ReadOnlySpan<byte> text, out long nano)
    {
        nano = 0;
        if (text.IsEmpty || text[0] is not ((byte)'.' or (byte)','))
        {
            return true;
        }

        long scale = NanosPerSecond;
        int at = 1;
        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
        {
            scale /= 10;
            nano += (text[at] - '0') * scale;
        }

        text = text[at..];
        return at > 1;
    }

    private static bool TryParseOffset(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        text = text.TrimStart((byte)' ');
        if (text.IsEmpty || (text.Length == 1 && (text[0] | 0x20) == 'z'))
        {
            return true;
        }

        int sign = text[0] == '+' ? 1 : text[0] == '-' ? -1 : 0;
        if (sign == 0 || !TwoDigits(text, 1, out int hours) || hours > 23)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[3..];
        rest = rest.Length == 3 && rest[0] == ':' ? rest[1..] : rest;
        int minutes = 0;
        if (!rest.IsEmpty && (rest.Length != 2 || !TwoDigits(rest, 0, out minutes) || minutes > 59))
        {
            return false;
        }

        seconds = sign * ((hours * 3600) + (minutes * 60));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TwoDigits(ReadOnlySpan<byte> text, int at, out int value)
    {
        value = 0;
        if (at + 1 >= text.Length)
        {
            return false;
        }

        int tens = text[at] - '0';
        int ones = text[at + 1] - '0';
        value = (tens * 10) + ones;
        return (uint)tens <= 9 && (uint)ones <= 9;
    }

    /// <summary>Days from 1970-01-01 in the proleptic Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").</summary>
    private static long DaysSince1970(int year, int month, int day)
    {
        int y = month <= 2 ? year - 1 : year;
        int era = y / 400;
        int yearOfEra = y - (era * 400);
        int dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        int dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097L) + dayOfEra - 719_468;
    }
}
