using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>One line of JSON as UTF-8, written piece by piece and reused. The caller cares for the syntax.</summary>
internal sealed class JsonLine
{
    private const long NanosPerSecond = 1_000_000_000;

    // RFC 8259, section 7: what must be escaped, all of it ASCII.
    private static readonly SearchValues<byte> MustEscape =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(code => (byte)code), (byte)'"', (byte)'\\']);

    private byte[] _buffer = new byte[4096];
    private int _used;

    private readonly byte[] _second = new byte[20];
    private long _formattedSecond = long.MinValue;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _used);

    public void Clear() => _used = 0;

    public void End() => Literal("}\n"u8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Literal(ReadOnlySpan<byte> json) => json.CopyTo(Reserve(json.Length));

    /// <summary>Writes text up to the value's opening quote, the escaped value and its closing quote.</summary>
    public void Field(ReadOnlySpan<byte> opening, ReadOnlySpan<byte> value)
    {
        Literal(opening);
        Escaped(value);
        Literal("\""u8);
    }

    public void Key(ReadOnlySpan<byte> key, bool first)
    {
        Literal(first ? "\""u8 : ",\""u8);
        Escaped(key);
        Literal("\":"u8);
    }

    public void Escaped(ReadOnlySpan<byte> text)
    {
        for (int at = text.IndexOfAny(MustEscape); at >= 0; at = text.IndexOfAny(MustEscape))
        {
            Literal(text[..at]);
            Escape(text[at]);
            text = text[(at + 1)..];
        }

        Literal(text);
    }

    public void Number(long value)
    {
        Span<byte> digits = Reserve(20);
        Utf8Formatter.TryFormat(value, digits, out int written);
        _used += written - 20;
    }

    public void Number(double value)
    {
        Span<byte> digits = Reserve(32);
        value.TryFormat(digits, out int written, default, CultureInfo.InvariantCulture);
        _used += written - 32;
        if (!digits[..written].ContainsAny((byte)'.', (byte)'E'))
        {
            // 343 would be read as an integer.
            Literal(".0"u8);
        }
    }

    /// <summary>Nanoseconds as milliseconds, with as many decimals as needed.</summary>
    public void Milliseconds(long nano)
    {
        Number(nano / 1_000_000);
        int fraction = (int)(nano % 1_000_000);
        if (fraction != 0)
        {
            Literal("."u8);
            bool micros = fraction % 1000 == 0;
            Digits(micros ? fraction / 1000 : fraction, micros ? 3 : 6);
        }
    }

    /// <summary>RFC 3339 in UTC to the microsecond, or to the nanosecond where that is needed.</summary>
    public void Timestamp(long unixNano)
    {
        long second = Math.DivRem(unixNano, NanosPerSecond, out long nano);
        if (second != _formattedSecond)
        {
            DateTimeOffset.FromUnixTimeSeconds(second).TryFormat(_second, out _, "yyyy-MM-ddTHH:mm:ss.", CultureInfo.InvariantCulture);
            _formattedSecond = second;
        }

        Literal(_second);
        bool micros = nano % 1000 == 0;
        Digits((int)(micros ? nano / 1000 : nano), micros ? 6 : 9);
        Literal("Z"u8);
    }

    public void TraceId(TraceId id) => id.Format(Reserve(Core.Spans.TraceId.HexLength));

    public void SpanId(SpanId id) => id.Format(Reserve(Core.Spans.SpanId.HexLength));

    private void Digits(int value, int count)
    {
        Span<byte> digits = Reserve(count);
        for (int i = count - 1; i >= 0; i--)
        {
            (value, int digit) = Math.DivRem(value, 10);
            digits[i] = (byte)('0' + digit);
        }
    }

    private void Escape(byte code)
    {
        switch (code)
        {
            case (byte)'"':
                Literal("\\\""u8);
                break;
            case (byte)'\\':
                Literal("\\\\"u8);
                break;
            case (byte)'\n':
                Literal("\\n"u8);
                break;
            case (byte)'\t':
                Literal("\\t"u8);
                break;
            default:
                Literal("\\u00"u8);
                Utf8Formatter.TryFormat(code, Reserve(2), out _, new StandardFormat('x', 2));
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int length)
    {
        if (_used + length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _used + length));
        }

        _used += length;
        return _buffer.AsSpan(_used - length, length);
    }
}
