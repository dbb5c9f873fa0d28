using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>Ids as loggers of all vendors write them.</summary>
internal static class LoggedId
{
    private const int AwsLength = 35;
    private const int Base64TraceLength = 24;
    private const int Base64SpanLength = 12;
    private const int LongestDecimalSpanId = 20;
    private const int LongestDecimalTraceId = 39;

    /// <summary>
    /// Reads a trace id: 1 to 32 hex digits, also behind <c>0x</c> or in the form of a UUID; AWS X-Ray's <c>1-xxxxxxxx-…</c>, alone or as <c>Root</c>
    /// of its header; Google's <c>projects/P/traces/ID</c>; 16 bytes in base64, as protobuf's JSON has them. Zeros are no id.
    /// </summary>
    public static bool TryParseTraceId(ReadOnlySpan<byte> text, out TraceId id)
    {
        if (IndexOfAws(text) is >= 0 and int aws)
        {
            Span<byte> digits = stackalloc byte[TraceId.HexLength];
            text.Slice(aws + 2, 8).CopyTo(digits);
            text.Slice(aws + 11, 24).CopyTo(digits[8..]);
            return TraceId.TryParse(digits, out id);
        }

        if (text.StartsWith("projects/"u8) && text.IndexOf("/traces/"u8) is > 0 and int path)
        {
            text = text[(path + "/traces/".Length)..];
        }

        if (text.Length == Base64TraceLength && text.EndsWith("=="u8))
        {
            Span<byte> bytes = stackalloc byte[18];
            bool isWhole = Base64.DecodeFromUtf8(text, bytes, out _, out int written) == OperationStatus.Done && written == 16;
            id = isWhole ? new TraceId(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..])) : default;
            return !id.IsZero;
        }

        return text.Length == 36 && TryWithoutHyphens(text, out id) || TraceId.TryParse(WithoutPrefix(text), out id);
    }

    /// <summary>Reads a span id: 1 to 16 hex digits, also behind <c>0x</c>; 8 bytes in base64. Zeros are no id.</summary>
    public static bool TryParseSpanId(ReadOnlySpan<byte> text, out SpanId id)
    {
        if (text.Length == Base64SpanLength && text[^1] == '=')
        {
            Span<byte> bytes = stackalloc byte[9];
            bool isWhole = Base64.DecodeFromUtf8(text, bytes, out _, out int written) == OperationStatus.Done && written == 8;
            id = new SpanId(isWhole ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0);
            return !id.IsZero;
        }

        return SpanId.TryParse(WithoutPrefix(text), out id);
    }

    /// <summary>Whether a text names no id: it is empty or nothing but zeros.</summary>
    public static bool IsNone(ReadOnlySpan<byte> text) => WithoutPrefix(text).Trim((byte)'0').IsEmpty;

    /// <summary>
    /// Whether a trace id must be decimal: it has more digits than 64 bits in hexadecimal and fewer than 128, or more than those, and all are decimal ones.
    /// Hexadecimal ids of so many digits have a letter among them, but for one in thousands.
    /// </summary>
    public static bool MustBeDecimal(ReadOnlySpan<byte> text) =>
        text.Length is (> SpanId.HexLength and <= LongestDecimalSpanId) or (> TraceId.HexLength and <= LongestDecimalTraceId) && IsDecimal(text);

    /// <summary>Whether a text is decimal digits and nothing else.</summary>
    public static bool IsDecimal(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    /// <summary>Reads a decimal trace id of up to 128 bits; zero is none.</summary>
    public static bool TryParseDecimalTraceId(ReadOnlySpan<byte> text, out TraceId id)
    {
        bool parsed = UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out UInt128 number);
        id = new TraceId((ulong)(number >> 64), (ulong)number);
        return parsed && number != 0;
    }

    /// <summary>Reads a decimal span id of 64 bits; zero is none.</summary>
    public static bool TryParseDecimalSpanId(ReadOnlySpan<byte> text, out SpanId id)
    {
        bool parsed = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number);
        id = new SpanId(number);
        return parsed && number != 0;
    }

    /// <summary>
    /// Reads ids as Datadog's loggers write them: decimal, except for trace ids of 128 bits in 32 hex digits (DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED).
    /// </summary>
    public static bool TryParseDatadogTraceId(ReadOnlySpan<byte> text, out TraceId id) =>
        text.Length == TraceId.HexLength ? TraceId.TryParse(text, out id) : TryParseDecimalTraceId(text, out id);

    /// <summary>Reads the <c>Parent</c> of AWS X-Ray's header, or the segment behind an id's <c>@</c>; false where there is none.</summary>
    public static bool TryParseAwsParent(ReadOnlySpan<byte> text, out SpanId id)
    {
        id = default;
        int at = text.IndexOf("Parent="u8);
        int from = at >= 0 ? at + "Parent=".Length : text.IndexOf((byte)'@') + 1;
        return from > 0 && text.Length - from >= SpanId.HexLength && SpanId.TryParse(text.Slice(from, SpanId.HexLength), out id);
    }

    /// <summary>An id made of a record's content, for a span whose own is missing: the same for the same record.</summary>
    public static SpanId Derive(ReadOnlySpan<byte> record)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte value in record)
        {
            hash = (hash ^ value) * 0x100000001B3;
        }

        return new SpanId(hash == 0 ? 1 : hash);
    }

    /// <summary>A text quoted in a message.</summary>
    public static string Quote(ReadOnlySpan<byte> text, int most)
    {
        string quoted = Encoding.UTF8.GetString(text[..Math.Min(text.Length, most)]);
        return text.Length > most ? quoted + "…" : quoted;
    }

    /// <summary>Where an id of AWS X-Ray begins: at the text's beginning, or behind <c>Root=</c>; -1 if it has none.</summary>
    private static int IndexOfAws(ReadOnlySpan<byte> text)
    {
        int at = text.StartsWith("1-"u8) ? 0 : text.IndexOf("Root=1-"u8) is >= 0 and int root ? root + "Root=".Length : -1;
        return at >= 0 && text.Length - at >= AwsLength && text[at + 10] == '-' ? at : -1;
    }

    private static bool TryWithoutHyphens(ReadOnlySpan<byte> text, out TraceId id)
    {
        id = default;
        Span<byte> digits = stackalloc byte[TraceId.HexLength];
        if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
        {
            return false;
        }

        text[..8].CopyTo(digits);
        text[9..13].CopyTo(digits[8..]);
        text[14..18].CopyTo(digits[12..]);
        text[19..23].CopyTo(digits[16..]);
        text[24..].CopyTo(digits[20..]);
        return TraceId.TryParse(digits, out id);
    }

    private static ReadOnlySpan<byte> WithoutPrefix(ReadOnlySpan<byte> text) => text.StartsWith("0x"u8) || text.StartsWith("0X"u8) ? text[2..] : text;
}
