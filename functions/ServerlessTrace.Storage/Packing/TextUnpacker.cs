using System.Buffers.Text;
using System.Runtime.CompilerServices;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Packing;

/// <summary>Reads what <see cref="TextPacker"/> wrote, into the texts of a batch.</summary>
internal sealed class TextUnpacker
{
    /// <summary>The longest text that is not literal: a prefix, then a number.</summary>
    private const int Longest = PackFormat.LongestPrefix + PackFormat.MostHexDigits;

    private readonly byte[] _text = new byte[Longest];
    private readonly byte[] _prefixes = new byte[(PackFormat.MostPrefixes + 1) * PackFormat.LongestPrefix];
    private readonly int[] _prefixLengths = new int[PackFormat.MostPrefixes + 1];
    private StringTable _strings = new();
    private int[] _numbers = new int[256];
    private int _count;
    private int _prefixCount;

    public void Begin(StringTable strings)
    {
        _strings = strings;
        _count = 0;
        _prefixCount = 0;
    }

    /// <summary>The batch's number of the next text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Read(ref PackReader codes, ref PackReader texts, ref PackReader noise)
    {
        ulong code = codes.Varint();
        ulong number = code - (int)TextForm.Count;
        return number < (ulong)_count ? _numbers[number] : ReadNew(code, ref codes, ref texts, ref noise);
    }

    private int ReadNew(ulong code, ref PackReader codes, ref PackReader texts, ref PackReader noise)
    {
        ReadOnlySpan<byte> utf8;
        switch ((TextForm)code)
        {
            case TextForm.Literal:
                utf8 = texts.Take(codes.Below(texts.Remaining + 1L, "a text is too long"));
                break;
            case TextForm.WellKnown:
                utf8 = WellKnownTexts.Text(codes.Below(WellKnownTexts.Count, "a text is not as well known as it should be"));
                break;
            default:
                if (code >= (int)TextForm.Count)
                {
                    Malformed.Throw("a text is referred to before it is written");
                }

                utf8 = ReadNumber((TextForm)code, ref codes, ref texts, ref noise);
                break;
        }

        if (_count == _numbers.Length)
        {
            Array.Resize(ref _numbers, _count * 2);
        }

        return _numbers[_count++] = _strings.Add(utf8);
    }

    private ReadOnlySpan<byte> ReadNumber(
        TextForm form, scoped ref PackReader codes, scoped ref PackReader texts, scoped ref PackReader noise)
    {
        int at = form is >= TextForm.PrefixedUuid and <= TextForm.PaddedNumber ? ReadPrefix(ref codes, ref texts) : 0;
        Span<byte> rest = _text.AsSpan(at);
        int length = form switch
        {
            TextForm.Uuid or TextForm.PrefixedUuid => ReadUuid(rest, ref noise),
            TextForm.Hex or TextForm.PrefixedHex => ReadHex(rest, codes.Below(PackFormat.MostHexDigits + 1, "there are too many digits"), ref noise),
            TextForm.Address => ReadAddress(rest, noise.Fixed32()),
            TextForm.PaddedNumber => ReadPadded(rest, codes.Below(PackFormat.MostDecimalDigits + 1, "there are too many digits"), ref codes),
            _ => Utf8Formatter.TryFormat(codes.Varint(), rest, out int written) ? written : 0,
        };
        return _text.AsSpan(0, at + length);
    }

    private int ReadPrefix(ref PackReader codes, ref PackReader texts)
    {
        // Number 0 is the empty prefix.
        int number = codes.Below(_prefixCount + 2, "a prefix is referred to before it is written");
        if (number > _prefixCount)
        {
            if (number > PackFormat.MostPrefixes)
            {
                Malformed.Throw("there are too many prefixes");
            }

            int length = codes.Below(PackFormat.LongestPrefix + 1, "a prefix is too long");
            texts.Take(length).CopyTo(_prefixes.AsSpan(number * PackFormat.LongestPrefix));
            _prefixLengths[number] = length;
            _prefixCount = number;
        }

        _prefixes.AsSpan(number * PackFormat.LongestPrefix, _prefixLengths[number]).CopyTo(_text);
        return _prefixLengths[number];
    }

    private static int ReadUuid(Span<byte> destination, ref PackReader noise)
    {
        new Guid(noise.Take(16), bigEndian: true).TryFormat(destination, out int written);
        return written;
    }

    private static int ReadHex(Span<byte> destination, int digits, ref PackReader noise)
    {
        int even = digits & ~1;
        Convert.TryToHexStringLower(noise.Take(even / 2), destination, out _);
        if (even < digits)
        {
            destination[even] = "0123456789abcdef"u8[noise.Byte() & 15];
        }

        return digits;
    }

    private static int ReadAddress(Span<byte> destination, uint address)
    {
        int at = 0;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            Utf8Formatter.TryFormat((byte)(address >> shift), destination[at..], out int written);
            at += written;
            destination[at++] = (byte)'.';
        }

        return at - 1;
    }

    private static int ReadPadded(Span<byte> destination, int digits, ref PackReader codes)
    {
        ulong value = codes.Varint();
        for (int i = digits - 1; i >= 0; i--)
        {
            destination[i] = (byte)('0' + (value % 10));
            value /= 10;
        }

        return digits;
    }
}
