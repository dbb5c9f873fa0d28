using System.Buffers;
using System.Globalization;
using System.Text;

namespace ServerlessTrace.Core.Formats.SdkConsole;

/// <summary>
/// Rewrites as JSON what Node.js prints of an object (<c>util.inspect</c>, which <c>console.dir</c> uses): names without quotes, texts in any of three
/// quotes, class names before braces, <c>undefined</c>, <c>[Object]</c>, <c>... 2 more items</c>, colours.
/// </summary>
/// <param name="deepest">How deep values may nest.</param>
internal sealed class InspectedText(int deepest)
{
    private static readonly SearchValues<byte> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$0123456789"u8);
    private static readonly SearchValues<byte> BehindName = SearchValues.Create(":=,\n}"u8);
    private static readonly SearchValues<byte> BehindWord = SearchValues.Create(" ,\n\r}]"u8);

    private byte[] _json = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    private int _length;
    private int _at;

    /// <summary>How reading an object ended.</summary>
    internal enum Outcome
    {
        /// <summary>The object is JSON now.</summary>
        Whole,

        /// <summary>The object goes on behind the content.</summary>
        Cut,

        /// <summary>The text is no object that Node.js prints.</summary>
        Broken,
    }

    /// <summary>The JSON, followed by zeros; valid until the next object is read.</summary>
    public ReadOnlySpan<byte> Json => _json.AsSpan(0, _length);

    /// <summary>How many bytes of the content the object is, or were read of it.</summary>
    public int Consumed => _at;

    /// <summary>Whether content begins like an object that Node.js prints: with a name that JSON would have in double quotes.</summary>
    public static bool Begins(ReadOnlySpan<byte> content)
    {
        if (!content.StartsWith("{"u8))
        {
            return false;
        }

        ReadOnlySpan<byte> name = content[1..].TrimStart(" \t\r\n"u8);
        name = name.StartsWith("\u001b["u8) ? name[(name.IndexOf((byte)'m') + 1)..] : name;
        int length = name.IndexOfAnyExcept(Letters);
        return length > 0 && name[length..].StartsWith(": "u8);
    }

    /// <summary>Reads an object from its brace.</summary>
    /// <param name="content">The content, from the object's brace.</param>
    /// <param name="slack">Zero bytes that follow the JSON.</param>
    public Outcome Read(ReadOnlySpan<byte> content, int slack)
    {
        _length = 0;
        _at = 0;
        Outcome outcome = ReadValue(content, 1);
        if (outcome == Outcome.Whole)
        {
            Room(slack).Clear();
        }

        return outcome;
    }

    private Outcome ReadValue(ReadOnlySpan<byte> content, int depth)
    {
        if (!PassBlanks(content))
        {
            return Outcome.Cut;
        }

        switch (content[_at])
        {
            case (byte)'{':
                return ReadList(content, depth, isObject: true);
            case (byte)'[':
                return ReadBracket(content, depth);
            case (byte)'\'' or (byte)'"' or (byte)'`':
                return ReadText(content);
            case (byte)'<':
                // "<ref *1> {…}"
                return Pass(content, (byte)'>') ? ReadValue(content, depth) : Outcome.Cut;
            default:
                return ReadWord(content, depth);
        }
    }

    /// <summary>Reads a list, or what stands for a value in brackets: <c>[Object]</c>, <c>[Function: name]</c>, <c>[Object: null prototype] {…}</c>.</summary>
    private Outcome ReadBracket(ReadOnlySpan<byte> content, int depth)
    {
        if (_at + 1 >= content.Length)
        {
            return Outcome.Cut;
        }

        if (!char.IsAsciiLetter((char)content[_at + 1]))
        {
            return ReadList(content, depth, isObject: false);
        }

        int start = _at;
        if (!Pass(content, (byte)']'))
        {
            return Outcome.Cut;
        }

        ReadOnlySpan<byte> text = content[start.._at];
        if (text.EndsWith("prototype]"u8))
        {
            return ReadValue(content, depth);
        }

        Write("\""u8);
        WriteEscaped(text);
        Write("\""u8);
        return Outcome.Whole;
    }

    private Outcome ReadList(ReadOnlySpan<byte> content, int depth, bool isObject)
    {
        if (depth > deepest)
        {
            return Outcome.Broken;
        }

        byte close = isObject ? (byte)'}' : (byte)']';
        Write(isObject ? "{"u8 : "["u8);
        _at++;
        for (bool first = true; ; first = false)
        {
            if (!PassBlanks(content))
            {
                return Outcome.Cut;
            }

            if (content[_at] == close)
            {
                _at++;
                Write(isObject ? "}"u8 : "]"u8);
                return Outcome.Whole;
            }

            if (content[_at..].StartsWith("... "u8))
            {
                // "... 2 more items"
                int end = content[_at..].IndexOfAny((byte)'\n', close);
                if (end < 0)
                {
                    return Outcome.Cut;
                }

                _at += end;
                continue;
            }

            if (!first && _length > 1 && _json[_length - 1] is not ((byte)'{' or (byte)'['))
            {
                Write(","u8);
            }

            Outcome outcome = isObject ? ReadPair(content, depth) : ReadValue(content, depth + 1);
            if (outcome != Outcome.Whole)
            {
                return outcome;
            }

            if (!PassBlanks(content))
            {
                return Outcome.Cut;
            }

            if (content[_at] == ',')
            {
                _at++;
            }
            else if (content[_at] != close)
            {
                return Outcome.Broken;
            }
        }
    }

    private Outcome ReadPair(ReadOnlySpan<byte> content, int depth)
    {
        if (content[_at] is (byte)'\'' or (byte)'"' or (byte)'`')
        {
            Outcome outcome = ReadText(content);
            if (outcome != Outcome.Whole)
            {
                return outcome;
            }
        }
        else
        {
            // A symbol's name is in brackets.
            int end = content[_at..].IndexOfAny(BehindName);
            if (end <= 0)
            {
                return end < 0 ? Outcome.Cut : Outcome.Broken;
            }

            Write("\""u8);
            WriteEscaped(content.Slice(_at, end).TrimEnd((byte)' '));
            Write("\""u8);
            _at += end;
        }

        if (!PassBlanks(content))
        {
            return Outcome.Cut;
        }

        Write(":"u8);
        switch (content[_at])
        {
            case (byte)':':
                _at++;
                return ReadValue(content, depth + 1);
            case (byte)'=':
                // "'key' => value" in a map
                _at += 2;
                return _at >= content.Length ? Outcome.Cut : content[_at - 1] == '>' ? ReadValue(content, depth + 1) : Outcome.Broken;
            case (byte)',' or (byte)'}':
                // A value in a set.
                Write("null"u8);
                return Outcome.Whole;
            default:
                return Outcome.Broken;
        }
    }

    /// <summary>Reads a text, which may be several on lines of their own with a plus between them.</summary>
    private Outcome ReadText(ReadOnlySpan<byte> content)
    {
        Write("\""u8);
        while (true)
        {
            Outcome outcome = ReadQuoted(content);
            if (outcome != Outcome.Whole)
            {
                return outcome;
            }

            int behind = _at;
            if (!PassBlanks(content))
            {
                return Outcome.Cut;
            }

            if (content[_at] != '+')
            {
                _at = behind;
                Write("\""u8);
                return Outcome.Whole;
            }

            _at++;
            if (!PassBlanks(content))
            {
                return Outcome.Cut;
            }
        }
    }

    private Outcome ReadQuoted(ReadOnlySpan<byte> content)
    {
        byte quote = content[_at];
        if (quote is not ((byte)'\'' or (byte)'"' or (byte)'`'))
        {
            return Outcome.Broken;
        }

        _at++;
        while (true)
        {
            int end = content[_at..].IndexOfAny(quote, (byte)'\\', (byte)'\n');
            if (end < 0)
            {
                return Outcome.Cut;
            }

            WriteEscaped(content.Slice(_at, end));
            _at += end;
            if (content[_at] == quote)
            {
                _at++;
                return Outcome.Whole;
            }

            if (content[_at] == '\n')
            {
                return Outcome.Broken;
            }

            if (_at + 3 >= content.Length)
            {
                return Outcome.Cut;
            }

            ReadEscape(content);
        }
    }

    private void ReadEscape(ReadOnlySpan<byte> content)
    {
        byte escape = content[_at + 1];
        switch (escape)
        {
            case (byte)'x' when byte.TryParse(content.Slice(_at + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out byte unit):
                WriteUnit(unit);
                _at += 4;
                return;
            case (byte)'u' when _at + 6 <= content.Length && ushort.TryParse(content.Slice(_at + 2, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ushort unit):
                WriteUnit(unit);
                _at += 6;
                return;
            case (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t' or (byte)'\\' or (byte)'"':
                Write(content.Slice(_at, 2));
                break;
            default:
                WriteEscaped(content.Slice(_at + 1, 1));
                break;
        }

        _at += 2;
    }

    /// <summary>Reads a number, a word, a date, or a class's name before what it is an object of.</summary>
    private Outcome ReadWord(ReadOnlySpan<byte> content, int depth)
    {
        int length = content[_at..].IndexOfAny(BehindWord);
        if (length < 0)
        {
            return Outcome.Cut;
        }

        ReadOnlySpan<byte> word = content.Slice(_at, length);
        ReadOnlySpan<byte> behind = content[(_at + length)..];
        _at += length;
        if (behind[0] == ' ')
        {
            if (behind.Length < 2)
            {
                return Outcome.Cut;
            }

            if (behind[1] is (byte)'{' or (byte)'[' or (byte)'<')
            {
                return ReadValue(content, depth);
            }
        }

        int colour = word.IndexOf((byte)'\u001b');
        WriteWord(colour < 0 ? word : word[..colour]);
        return length == 0 ? Outcome.Broken : Outcome.Whole;
    }

    private void WriteWord(ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> number = word.EndsWith("n"u8) && word.Length > 1 ? word[..^1] : word;
        if (word.SequenceEqual("true"u8) || word.SequenceEqual("false"u8) || IsNumber(number))
        {
            Write(word.SequenceEqual("true"u8) || word.SequenceEqual("false"u8) ? word : number);
        }
        else if (word.SequenceEqual("undefined"u8) || word.SequenceEqual("null"u8) || word.SequenceEqual("NaN"u8) || word.EndsWith("Infinity"u8))
        {
            Write("null"u8);
        }
        else
        {
            Write("\""u8);
            WriteEscaped(word);
            Write("\""u8);
        }
    }

    private static bool IsNumber(ReadOnlySpan<byte> word) =>
        word.Length is > 0 and < 400 && (char.IsAsciiDigit((char)word[0]) || (word[0] == '-' && word.Length > 1 && char.IsAsciiDigit((char)word[1])))
        && word[^1] is >= (byte)'0' and <= (byte)'9' && !(word.Length > 1 && word[0] == '0' && word[1] != '.' && word[1] != 'e')
        && double.TryParse(word, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _);

    /// <summary>Passes blanks and colours; false if nothing follows.</summary>
    private bool PassBlanks(ReadOnlySpan<byte> content)
    {
        while (_at < content.Length)
        {
            if (content[_at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            {
                _at++;
            }
            else if (content[_at] == 0x1B)
            {
                int end = content[_at..].IndexOf((byte)'m');
                _at = end < 0 ? content.Length : _at + end + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private bool Pass(ReadOnlySpan<byte> content, byte close)
    {
        int end = content[_at..].IndexOf(close);
        _at = end < 0 ? content.Length : _at + end + 1;
        return end >= 0;
    }

    private void WriteUnit(int unit)
    {
        Span<byte> escape = Room(6);
        _ = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\u{unit:x4}"), escape);
        _length += 6;
    }

    private void WriteEscaped(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            int special = text.IndexOfAny((byte)'"', (byte)'\\');
            int control = text.IndexOfAnyInRange((byte)0, (byte)0x1F);
            special = special < 0 || (control >= 0 && control < special) ? control : special;
            if (special < 0)
            {
                Write(text);
                return;
            }

            Write(text[..special]);
            WriteUnit(text[special]);
            text = text[(special + 1)..];
        }
    }

    private void Write(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _length += text.Length;
    }

    private Span<byte> Room(int length)
    {
        if (_length + length > _json.Length)
        {
            byte[] larger = GC.AllocateUninitializedArray<byte>((_length + length) * 2, pinned: true);
            _json.AsSpan(0, _length).CopyTo(larger);
            _json = larger;
        }

        return _json.AsSpan(_length, length);
    }
}
