using System.Buffers;
using System.Runtime.CompilerServices;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Packing;

/// <summary>Writes texts: in full where they are first used, in the shortest <see cref="TextForm"/>; by number afterwards.</summary>
internal sealed class TextPacker(PackWriter codes, PackWriter texts, PackWriter noise)
{
    private static readonly SearchValues<byte> s_hexDigits = SearchValues.Create("0123456789abcdef"u8);

    private readonly StringTable _prefixes = new();
    private StringTable _strings = new();

    /// <summary>The number a text of the batch has in the pack, plus one.</summary>
    private int[] _numbers = [];
    private int[] _used = new int[256];
    private int _count;

    public void Begin(StringTable strings)
    {
        foreach (int used in _used.AsSpan(0, _count))
        {
            _numbers[used] = 0;
        }

        _count = 0;
        _strings = strings;
        if (_prefixes.Count > 1)
        {
            _prefixes.Clear();
        }

        if (_numbers.Length < strings.Count)
        {
            _numbers = new int[Math.Max(strings.Count, _numbers.Length * 2)];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int text)
    {
        int number = _numbers[text];
        if (number != 0)
        {
            codes.Varint(number - 1 + (int)TextForm.Count);
            return;
        }

        WriteNew(text);
    }

    private void WriteNew(int text)
    {
        if (_count == _used.Length)
        {
            Array.Resize(ref _used, _count * 2);
        }

        _used[_count++] = text;
        _numbers[text] = _count;
        ReadOnlySpan<byte> utf8 = _strings[text];
        if (!TryWriteNumber(utf8) && !TryWriteWellKnown(utf8))
        {
            codes.Varint((int)TextForm.Literal);
            codes.Varint(utf8.Length);
            texts.Bytes(utf8);
        }
    }

    private bool TryWriteWellKnown(ReadOnlySpan<byte> utf8)
    {
        int number = WellKnownTexts.Find(utf8);
        if (number < 0)
        {
            return false;
        }

        codes.Varint((int)TextForm.WellKnown);
        codes.Varint(number);
        return true;
    }

    private bool TryWriteNumber(ReadOnlySpan<byte> utf8)
    {
        int digits = utf8.Length - 1 - utf8.LastIndexOfAnyExcept(s_hexDigits);
        if (digits == 0)
        {
            return false;
        }

        if ((digits == 12 && TryWriteUuid(utf8)) || (digits <= 3 && TryWriteAddress(utf8)))
        {
            return true;
        }

        int decimals = utf8.Length - 1 - utf8.LastIndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return decimals is > 0 and <= PackFormat.MostDecimalDigits && decimals == digits
            ? TryWriteDecimal(utf8[..^decimals], utf8[^decimals..])
            : TryWriteHex(utf8[..^digits], utf8[^digits..]) || (decimals is > 0 and <= PackFormat.MostDecimalDigits && TryWriteDecimal(utf8[..^decimals], utf8[^decimals..]));
    }

    private bool TryWriteUuid(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length < 36)
        {
            return false;
        }

        ReadOnlySpan<byte> uuid = utf8[^36..];
        if (uuid[8] != '-' || uuid[13] != '-' || uuid[18] != '-' || uuid[23] != '-')
        {
            return false;
        }

        Span<byte> digits = stackalloc byte[32];
        uuid[..8].CopyTo(digits);
        uuid[9..13].CopyTo(digits[8..]);
        uuid[14..18].CopyTo(digits[12..]);
        uuid[19..23].CopyTo(digits[16..]);
        uuid[24..].CopyTo(digits[20..]);
        if (digits.ContainsAnyExcept(s_hexDigits) || !TryWriteForm(utf8[..^36], TextForm.Uuid, TextForm.PrefixedUuid))
        {
            return false;
        }

        Convert.FromHexString(digits, noise.Take(16), out _, out _);
        return true;
    }

    private bool TryWriteHex(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> digits)
    {
        if (digits.Length is < PackFormat.LeastHexDigits or > PackFormat.MostHexDigits
            || (!prefix.IsEmpty && IsWordCharacter(prefix[^1]))
            || !TryWriteForm(prefix, TextForm.Hex, TextForm.PrefixedHex))
        {
            return false;
        }

        codes.Varint(digits.Length);
        int even = digits.Length & ~1;
        Convert.FromHexString(digits[..even], noise.Take(even / 2), out _, out _);
        if (even < digits.Length)
        {
            byte last = digits[^1];
            noise.Byte((byte)(last <= '9' ? last - '0' : last - 'a' + 10));
        }

        return true;
    }

    private bool TryWriteDecimal(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> digits)
    {
        // Up to two digits after a word are a version or an ordinal more often than an id: as a whole they repeat.
        bool padded = digits[0] == '0' && digits.Length > 1;
        if ((!prefix.IsEmpty && digits.Length < 3)
            || (padded ? !TryWritePrefix(prefix, TextForm.PaddedNumber) : !TryWriteForm(prefix, TextForm.Number, TextForm.PrefixedNumber)))
        {
            return false;
        }

        if (padded)
        {
            codes.Varint(digits.Length);
        }

        ulong value = 0;
        foreach (byte digit in digits)
        {
            value = (value * 10) + (ulong)(digit - '0');
        }

        codes.Varint(value);
        return true;
    }

    private bool TryWriteForm(ReadOnlySpan<byte> prefix, TextForm bare, TextForm prefixed)
    {
        if (!prefix.IsEmpty)
        {
            return TryWritePrefix(prefix, prefixed);
        }

        codes.Varint((int)bare);
        return true;
    }

    private bool TryWriteAddress(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is < 7 or > 15 || !char.IsAsciiDigit((char)utf8[0]))
        {
            return false;
        }

        uint address = 0;
        int dots = 0;
        int part = -1;
        foreach (byte character in utf8)
        {
            if (character == '.' && part >= 0)
            {
                address = (address << 8) | (uint)part;
                dots++;
                part = -1;
            }
            else if (char.IsAsciiDigit((char)character) && part != 0)
            {
                // A part that begins with 0 ends there: 010 is not what would be read back.
                part = (Math.Max(part, 0) * 10) + (character - '0');
            }
            else
            {
                return false;
            }

            if (part > 255)
            {
                return false;
            }
        }

        if (dots != 3 || part < 0)
        {
            return false;
        }

        codes.Varint((int)TextForm.Address);
        noise.Fixed32((address << 8) | (uint)part);
        return true;
    }

    private bool TryWritePrefix(ReadOnlySpan<byte> prefix, TextForm form)
    {
        // What follows digits and a separator is the rest of an address or a date, not an id: its prefix would not come again.
        if (prefix.Length > PackFormat.LongestPrefix || (prefix.Length > 1 && char.IsAsciiDigit((char)prefix[^2])))
        {
            return false;
        }

        int known = _prefixes.Count;
        int number = known <= PackFormat.MostPrefixes ? _prefixes.Add(prefix) : _prefixes.Find(prefix);
        if (number < 0)
        {
            return false;
        }

        codes.Varint((int)form);
        codes.Varint(number);
        if (number == known)
        {
            codes.Varint(prefix.Length);
            texts.Bytes(prefix);
        }

        return true;
    }

    private static bool IsWordCharacter(byte character) => char.IsAsciiLetterOrDigit((char)character);
}
