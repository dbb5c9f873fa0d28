using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>
/// Steps over JSON (RFC 8259) in place. Every method takes a pointer and returns the one behind what it read, or null after
/// <see cref="Fail"/>. The content is followed by a zero byte, which no rule accepts, and by <see cref="Slack"/> readable
/// bytes: so nothing here compares with the end, and whole vectors may be loaded anywhere.
/// </summary>
internal sealed unsafe class JsonScanner(int maximumDepth)
{
    /// <summary>Readable bytes that must follow the content, the zero byte included.</summary>
    public const int Slack = 64;

    private static readonly double[] PowersOfTen =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    private byte[] _unescaped = GC.AllocateUninitializedArray<byte>(1024, pinned: true);

    /// <summary>Where the content ends.</summary>
    public byte* End { get; set; }

    /// <summary>How deep values may nest.</summary>
    public int MaximumDepth { get; } = maximumDepth;

    /// <summary>The 1-based line that scanning has come to: JSON allows line breaks between tokens only, where they are counted.</summary>
    public long Line { get; set; } = 1;

    /// <summary>What was wrong where a method returned null.</summary>
    public string Error { get; private set; } = string.Empty;

    /// <summary>Where it was wrong.</summary>
    public byte* ErrorAt { get; private set; }

    /// <summary>Remembers what is wrong and returns null.</summary>
    public byte* Fail(byte* at, string error)
    {
        ErrorAt = at;
        Error = error;
        return null;
    }

    /// <summary>Passes blanks and line breaks, and counts the latter: <c>\n</c>, <c>\r\n</c> or <c>\r</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* SkipBlanks(byte* at)
    {
        if (*at > ' ')
        {
            return at;
        }

        // One blank behind a colon or comma is how most languages print JSON.
        return *at == ' ' && at[1] > ' ' ? at + 1 : SkipManyBlanks(at);
    }

    /// <summary>Reads a string's text from behind its opening quote. The text is valid until the next string is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* ReadString(byte* at, out byte* text, out int length)
    {
        uint special = SpecialBytes(at);
        if (special != 0)
        {
            byte* end = at + BitOperations.TrailingZeroCount(special);
            if (*end == '"')
            {
                text = at;
                length = (int)(end - at);
                return end + 1;
            }
        }

        return ReadLongString(at, out text, out length);
    }

    /// <summary>Reads the text of a string or the digits of a number, and passes any other value, which has no text.</summary>
    public byte* ReadScalar(byte* at, int depth, out ReadOnlySpan<byte> text)
    {
        byte* start = at;
        if (*at == '"')
        {
            at = ReadString(at + 1, out byte* first, out int length);
            text = at is null ? default : new ReadOnlySpan<byte>(first, length);
            return at;
        }

        at = SkipOtherValue(at, depth);
        bool isNumber = *start is (byte)'-' or (>= (byte)'0' and <= (byte)'9');
        text = at is not null && isNumber ? new ReadOnlySpan<byte>(start, (int)(at - start)) : default;
        return at;
    }

    /// <summary>Whether a text stands here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Stands(byte* at, ReadOnlySpan<byte> text) => new ReadOnlySpan<byte>(at, text.Length).SequenceEqual(text);

    /// <summary>Finds the closing quote of a string without looking at what escapes mean; null after a failure.</summary>
    public byte* FindStringEnd(byte* at, out bool escaped, out bool ascii)
    {
        escaped = false;
        ascii = true;
        while (true)
        {
            uint special = SpecialBytes(at);
            if (special == 0)
            {
                at += Vector256<byte>.Count;
                continue;
            }

            at += BitOperations.TrailingZeroCount(special);
            if (*at == '"')
            {
                return at;
            }

            if (*at >= 0x80)
            {
                ascii = false;
                at++;
            }
            else if (*at != '\\')
            {
                return Fail(at, "a string is not closed on its line");
            }
            else if (at[1] < ' ')
            {
                return Fail(at + 1, "a string is not closed on its line");
            }
            else
            {
                escaped = true;
                at += 2;
            }
        }
    }

    /// <summary>Reads a number: an <see cref="AttributeKind.Int64"/> or <see cref="AttributeKind.Double"/>, or <see cref="AttributeKind.Json"/> where neither can hold it.</summary>
    public byte* ReadNumber(byte* at, out AttributeKind kind, out long bits)
    {
        byte* start = at;
        bool negative = *at == '-';
        if (negative)
        {
            at++;
        }

        ulong mantissa = 0;
        byte* digits = at;
        while ((uint)(*at - '0') <= 9)
        {
            mantissa = (mantissa * 10) + (uint)(*at - '0');
            at++;
        }

        long count = at - digits;
        kind = AttributeKind.Int64;
        if (count == 0 || (*digits == '0' && count > 1))
        {
            bits = 0;
            return Fail(count == 0 ? at : digits + 1, count == 0 ? "a value is expected" : "a number does not begin with 0");
        }

        if (*at != '.' && (*at | 0x20) != 'e')
        {
            bits = negative ? -(long)mantissa : (long)mantissa;
            return count <= 18 ? at : FinishLongInteger(start, at, out kind, out bits);
        }

        return ReadFraction(start, at, negative, mantissa, (int)Math.Min(count, 100), out kind, out bits);
    }

    /// <summary>Enters an object.</summary>
    public byte* BeginObject(byte* at, int depth, out bool ended)
    {
        ended = false;
        if (*at != '{')
        {
            return Fail(at, "'{' is expected");
        }

        if (depth > MaximumDepth)
        {
            return Fail(at, $"values nest deeper than {MaximumDepth}");
        }

        at = SkipBlanks(at + 1);
        ended = *at == '}';
        return ended ? at + 1 : at;
    }

    /// <summary>Passes what follows a field: a comma, or the object's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* EndField(byte* at, out bool ended)
    {
        at = SkipBlanks(at);
        ended = *at == '}';
        if (ended)
        {
            return at + 1;
        }

        return *at == ',' ? SkipBlanks(at + 1) : Fail(at, "',' or '}' is expected");
    }

    /// <summary>Enters an array.</summary>
    public byte* BeginArray(byte* at, int depth, out bool ended)
    {
        ended = false;
        if (*at != '[')
        {
            return Fail(at, "'[' is expected");
        }

        if (depth > MaximumDepth)
        {
            return Fail(at, $"values nest deeper than {MaximumDepth}");
        }

        at = SkipBlanks(at + 1);
        ended = *at == ']';
        return ended ? at + 1 : at;
    }

    /// <summary>Passes what follows an element: a comma, or the array's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* EndElement(byte* at, out bool ended)
    {
        at = SkipBlanks(at);
        ended = *at == ']';
        if (ended)
        {
            return at + 1;
        }

        return *at == ',' ? SkipBlanks(at + 1) : Fail(at, "',' or ']' is expected");
    }

    /// <summary>Passes a value of any kind and checks it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* SkipValue(byte* at, int depth) => *at == '"' ? SkipString(at + 1) : SkipOtherValue(at, depth);

    /// <summary>Passes a word that must stand here, such as <c>true</c>.</summary>
    public byte* SkipWord(byte* at, ReadOnlySpan<byte> word)
    {
        foreach (byte letter in word)
        {
            if (*at != letter)
            {
                return Fail(at, "a value is expected");
            }

            at++;
        }

        return at;
    }

    /// <summary>A text with every byte sequence that is not UTF-8 replaced by U+FFFD. Valid until the next string is read.</summary>
    public ReadOnlySpan<byte> Repair(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
        {
            return text;
        }

        byte[] repaired = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
        byte* copy = Unescaped(repaired.Length);
        repaired.CopyTo(new Span<byte>(copy, repaired.Length));
        return new ReadOnlySpan<byte>(copy, repaired.Length);
    }

    /// <summary>One bit for each of the next 32 bytes that ends a plain run of ASCII text: quote, backslash, control, or not ASCII.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint SpecialBytes(byte* at)
    {
        Vector256<byte> bytes = Vector256.Load(at);

        // Signed, bytes from 0x80 are negative: one comparison finds them and the controls.
        Vector256<byte> special = Vector256.Equals(bytes, Vector256.Create((byte)'"'))
            | Vector256.Equals(bytes, Vector256.Create((byte)'\\'))
            | Vector256.LessThan(bytes.AsSByte(), Vector256.Create((sbyte)' ')).AsByte();
        return special.ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* SkipManyBlanks(byte* at)
    {
        while (true)
        {
            switch (*at)
            {
                case (byte)' ' or (byte)'\t':
                    at++;
                    break;
                case (byte)'\n':
                    Line++;
                    at++;
                    break;
                case (byte)'\r':
                    Line += at[1] == '\n' ? 0 : 1;
                    at++;
                    break;
                default:
                    return at;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* ReadLongString(byte* at, out byte* text, out int length)
    {
        text = at;
        length = 0;
        byte* end = FindStringEnd(at, out bool escaped, out bool ascii);
        if (end is null)
        {
            return null;
        }

        length = (int)(end - at);
        if (escaped)
        {
            text = Unescaped(length + 4);
            length = Unescape(at, end, text);
            if (length < 0)
            {
                return null;
            }
        }

        if (!ascii)
        {
            ReadOnlySpan<byte> repaired = Repair(new ReadOnlySpan<byte>(text, length));
            length = repaired.Length;

            // The span is of pinned memory, either the content's or our own.
            text = (byte*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(repaired));
        }

        return end + 1;
    }

    /// <summary>Passes a string from behind its opening quote.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* SkipString(byte* at)
    {
        uint special = SpecialBytes(at);
        byte* end = at + BitOperations.TrailingZeroCount(special);
        return special != 0 && *end == '"' ? end + 1 : SkipLongString(at);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* SkipLongString(byte* at)
    {
        byte* end = FindStringEnd(at, out bool escaped, out _);
        return end is null || (escaped && Unescape(at, end, Unescaped((int)(end - at) + 4)) < 0) ? null : end + 1;
    }

    private byte* SkipOtherValue(byte* at, int depth) => *at switch
    {
        (byte)'{' => SkipObject(at, depth),
        (byte)'[' => SkipArray(at, depth),
        (byte)'t' => SkipWord(at, "true"u8),
        (byte)'f' => SkipWord(at, "false"u8),
        (byte)'n' => SkipWord(at, "null"u8),
        _ => ReadNumber(at, out _, out _),
    };

    private byte* Unescaped(int length)
    {
        if (_unescaped.Length < length)
        {
            _unescaped = GC.AllocateUninitializedArray<byte>(length * 2, pinned: true);
        }

        return (byte*)Unsafe.AsPointer(ref _unescaped[0]);
    }

    /// <summary>Resolves escapes and returns the text's length, or -1 after a failure. The result is never longer than the escaped text.</summary>
    private int Unescape(byte* at, byte* end, byte* destination)
    {
        byte* start = destination;
        while (at < end)
        {
            if (*at != '\\')
            {
                *destination++ = *at++;
                continue;
            }

            byte plain = at[1] switch
            {
                (byte)'"' => (byte)'"',
                (byte)'\\' => (byte)'\\',
                (byte)'/' => (byte)'/',
                (byte)'n' => (byte)'\n',
                (byte)'t' => (byte)'\t',
                (byte)'r' => (byte)'\r',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                _ => 0,
            };
            if (plain != 0)
            {
                *destination++ = plain;
                at += 2;
                continue;
            }

            if (at[1] != 'u' || !TryReadUnit(at + 2, out int unit))
            {
                Fail(at, "an escape is not one of JSON's");
                return -1;
            }

            at += 6;
            if (char.IsHighSurrogate((char)unit) && at[0] == '\\' && at[1] == 'u' && TryReadUnit(at + 2, out int low) && char.IsLowSurrogate((char)low))
            {
                unit = char.ConvertToUtf32((char)unit, (char)low);
                at += 6;
            }

            Rune rune = Rune.TryCreate(unit, out Rune valid) ? valid : Rune.ReplacementChar;
            destination += rune.EncodeToUtf8(new Span<byte>(destination, 4));
        }

        return (int)(destination - start);
    }

    private static bool TryReadUnit(byte* at, out int unit)
    {
        bool read = HexText.TryParse(new ReadOnlySpan<byte>(at, 4), out ulong value);
        unit = (int)value;
        return read;
    }

    private static byte* FinishLongInteger(byte* start, byte* end, out AttributeKind kind, out long bits)
    {
        bool fits = Utf8Parser.TryParse(new ReadOnlySpan<byte>(start, (int)(end - start)), out bits, out int used) && used == end - start;
        kind = fits ? AttributeKind.Int64 : AttributeKind.Json;
        return end;
    }

    private byte* ReadFraction(byte* start, byte* at, bool negative, ulong mantissa, int digits, out AttributeKind kind, out long bits)
    {
        kind = AttributeKind.Double;
        bits = 0;
        int decimals = 0;
        if (*at == '.')
        {
            byte* first = ++at;
            while ((uint)(*at - '0') <= 9)
            {
                mantissa = (mantissa * 10) + (uint)(*at - '0');
                at++;
            }

            decimals = (int)Math.Min(at - first, 1000);
            if (decimals == 0)
            {
                return Fail(at, "a number ends with its decimal point");
            }
        }

        bool scaled = (*at | 0x20) == 'e';
        if (scaled)
        {
            at++;
            at += *at is (byte)'+' or (byte)'-' ? 1 : 0;
            byte* first = at;
            while ((uint)(*at - '0') <= 9)
            {
                at++;
            }

            if (at == first)
            {
                return Fail(at, "a number ends with its exponent's letter");
            }
        }

        // Both numbers are exact doubles, so one division rounds correctly (Clinger 1990).
        double value;
        if (!scaled && digits + decimals <= 18 && mantissa <= 1UL << 53)
        {
            value = mantissa / PowersOfTen[decimals];
            value = negative ? -value : value;
        }
        else if (!double.TryParse(new ReadOnlySpan<byte>(start, (int)(at - start)), NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            || !double.IsFinite(value))
        {
            kind = AttributeKind.Json;
            return at;
        }

        bits = BitConverter.DoubleToInt64Bits(value);
        return at;
    }

    private byte* SkipObject(byte* at, int depth)
    {
        if (depth >= MaximumDepth)
        {
            return Fail(at, $"values nest deeper than {MaximumDepth}");
        }

        at = SkipBlanks(at + 1);
        if (*at == '}')
        {
            return at + 1;
        }

        while (true)
        {
            if (*at != '"')
            {
                return Fail(at, "a field's name in quotes is expected");
            }

            at = SkipString(at + 1);
            at = at is null ? null : PassColon(at);
            at = at is null ? null : SkipValue(at, depth + 1);
            at = at is null ? null : SkipBlanks(at);
            if (at is null || *at != ',')
            {
                return at is null ? null : *at == '}' ? at + 1 : Fail(at, "',' or '}' is expected");
            }

            at = SkipBlanks(at + 1);
        }
    }

    private byte* SkipArray(byte* at, int depth)
    {
        if (depth >= MaximumDepth)
        {
            return Fail(at, $"values nest deeper than {MaximumDepth}");
        }

        at = SkipBlanks(at + 1);
        if (*at == ']')
        {
            return at + 1;
        }

        while (true)
        {
            at = SkipValue(at, depth + 1);
            at = at is null ? null : SkipBlanks(at);
            if (at is null || *at != ',')
            {
                return at is null ? null : *at == ']' ? at + 1 : Fail(at, "',' or ']' is expected");
            }

            at = SkipBlanks(at + 1);
        }
    }

    /// <summary>Passes the colon behind a field's name and the blanks around it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* PassColon(byte* at)
    {
        at = *at == ':' ? at : SkipBlanks(at);
        return *at == ':' ? SkipBlanks(at + 1) : Fail(at, "':' is expected");
    }
}
