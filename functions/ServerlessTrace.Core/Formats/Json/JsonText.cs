using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>
/// The text of JSON strings, leniently: what is not UTF-8 and lone surrogates become U+FFFD, where <see cref="Utf8JsonReader"/> would throw.
/// </summary>
internal sealed class JsonText
{
    private byte[] _unescaped = new byte[1024];

    /// <summary>The text of the string, property name or number that a reader stands on; valid until the next call.</summary>
    public ReadOnlySpan<byte> Of(ref Utf8JsonReader json) => Utf8Text.Repair(json.ValueIsEscaped ? Unescape(json.ValueSpan) : json.ValueSpan);

    /// <summary>The text of a string in its quotes; valid until the next call.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> quoted) => Utf8Text.Repair(quoted.Contains((byte)'\\') ? Unescape(quoted[1..^1]) : quoted[1..^1]);

    /// <summary>The beginning of a text, of at most so many bytes, cut between characters.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        while (length > 0 && (text[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return text[..length];
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> escaped)
    {
        // No escape is shorter than what it stands for.
        if (_unescaped.Length < escaped.Length)
        {
            _unescaped = new byte[Math.Max(escaped.Length, _unescaped.Length * 2)];
        }

        int written = 0;
        while (!escaped.IsEmpty)
        {
            int plain = escaped.IndexOf((byte)'\\');
            plain = plain < 0 ? escaped.Length : plain;
            escaped[..plain].CopyTo(_unescaped.AsSpan(written));
            written += plain;
            escaped = escaped[plain..];
            if (escaped.Length < 2)
            {
                break;
            }

            if (escaped[1] == 'u')
            {
                written += ReadCodePoint(ref escaped).EncodeToUtf8(_unescaped.AsSpan(written));
            }
            else
            {
                _unescaped[written++] = escaped[1] switch
                {
                    (byte)'n' => (byte)'\n',
                    (byte)'t' => (byte)'\t',
                    (byte)'r' => (byte)'\r',
                    (byte)'b' => (byte)'\b',
                    (byte)'f' => (byte)'\f',
                    byte other => other,
                };
                escaped = escaped[2..];
            }
        }

        return _unescaped.AsSpan(0, written);
    }

    private static Rune ReadCodePoint(ref ReadOnlySpan<byte> escaped)
    {
        char first = ReadUnit(escaped);
        escaped = escaped[Math.Min(6, escaped.Length)..];
        if (Rune.TryCreate(first, out Rune single))
        {
            return single;
        }

        if (char.IsHighSurrogate(first) && escaped.StartsWith("\\u"u8) && Rune.TryCreate(first, ReadUnit(escaped), out Rune pair))
        {
            escaped = escaped[6..];
            return pair;
        }

        return Rune.ReplacementChar;
    }

    private static char ReadUnit(ReadOnlySpan<byte> escape) =>
        escape.Length >= 6 && Utf8Parser.TryParse(escape.Slice(2, 4), out ushort unit, out int digits, 'x') && digits == 4 ? (char)unit : '\uFFFF';
}
