using System.Globalization;

namespace ServerlessTrace.Core.Privacy;

/// <summary>Payment card numbers (ISO/IEC 7812): an issuer's prefix, its number of digits, and the Luhn check digit.</summary>
internal static class CardNumber
{
    private const int Shortest = 13;
    private const int Longest = 19;
    private const int ShortestGroup = 3;

    /// <summary>Whether a number is one; no card number begins with a zero.</summary>
    public static bool Is(long number)
    {
        if (number < 3_000_000_000_000 || number >= 7_000_000_000_000_000_000)
        {
            return false;
        }

        Span<byte> text = stackalloc byte[20];
        number.TryFormat(text, out int length, provider: CultureInfo.InvariantCulture);
        foreach (ref byte digit in text[..length])
        {
            digit -= (byte)'0';
        }

        return IsIssued(text[..length]) && PassesLuhn(text[..length]);
    }

    /// <summary>
    /// Finds the first card number in a run of digits, blanks and dashes: digits without separators or in groups of at least three,
    /// with the same single separator between them, and not a part of a longer number or name.
    /// </summary>
    public static bool TryFind(ReadOnlySpan<byte> text, int from, int to, out int start, out int end)
    {
        for (start = from; start + Shortest <= to; start++)
        {
            if (IsDigit(text, start) && !IsPartOfName(text, start - 1, -1) && TryEnd(text, start, to, out end))
            {
                return true;
            }
        }

        end = start;
        return false;
    }

    private static bool TryEnd(ReadOnlySpan<byte> text, int start, int to, out int end)
    {
        Span<byte> digits = stackalloc byte[Longest];
        int count = 0;
        int group = 0;
        byte separator = 0;
        end = start;
        for (int at = start; at < to && count < Longest; at++)
        {
            if (IsDigit(text, at))
            {
                digits[count++] = (byte)(text[at] - '0');
                group++;
                if (count >= Shortest && !IsDigit(text, at + 1) && (group >= ShortestGroup || separator == 0)
                    && !IsPartOfName(text, at + 1, 1) && IsIssued(digits[..count]) && PassesLuhn(digits[..count]))
                {
                    end = at + 1;
                    return true;
                }
            }
            else if (group < ShortestGroup || !IsDigit(text, at + 1) || (separator != 0 && text[at] != separator))
            {
                return false;
            }
            else
            {
                separator = text[at];
                group = 0;
            }
        }

        return false;
    }

    /// <summary>Whether what is next to a number goes on with it: a letter, a digit, or a joining sign with one behind it.</summary>
    private static bool IsPartOfName(ReadOnlySpan<byte> text, int at, int step)
    {
        if ((uint)at >= (uint)text.Length)
        {
            return false;
        }

        char next = (char)text[at];
        return char.IsAsciiLetterOrDigit(next) || next == '_'
            || (next is '-' or '.' && (uint)(at + step) < (uint)text.Length && char.IsAsciiLetterOrDigit((char)text[at + step]));
    }

    private static bool IsDigit(ReadOnlySpan<byte> text, int at) => (uint)at < (uint)text.Length && char.IsAsciiDigit((char)text[at]);

    private static bool IsIssued(ReadOnlySpan<byte> digits)
    {
        int two = (digits[0] * 10) + digits[1];
        int four = (two * 100) + (digits[2] * 10) + digits[3];
        return digits.Length switch
        {
            13 => digits[0] == 4,
            14 => two is 36 or 38 or 39 || four is >= 3000 and <= 3059,
            15 => two is 34 or 37,
            16 => digits[0] == 4 || two is (>= 51 and <= 55) or 60 or 62 or 64 or 65 or 50 or (>= 56 and <= 58)
                || four is (>= 2221 and <= 2720) or (>= 3528 and <= 3589),
            17 or 18 => two is 62 or 50 or (>= 56 and <= 58),
            19 => digits[0] == 4 || two is 60 or 62 or 64 or 65,
            _ => false,
        };
    }

    private static bool PassesLuhn(ReadOnlySpan<byte> digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = digits[digits.Length - 1 - i] << (i & 1);
            sum += digit > 9 ? digit - 9 : digit;
        }

        return sum % 10 == 0;
    }
}
