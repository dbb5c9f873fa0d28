using System.Buffers.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Datadog;

/// <summary>
/// Datadog's ids: 64 bits in decimal digits, as numbers or texts. Tracers that write spans to the log have 16 hexadecimal digits instead, and 32 where a trace
/// id has 128 bits.
/// </summary>
internal static class DatadogId
{
    /// <summary>Reads a span's id; false for anything else. Zero stands for none, and is read.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, bool isText, out ulong id)
    {
        // No decimal id of 16 digits has a zero in front.
        bool isHex = isText && text.Length == SpanId.HexLength && (text[0] == '0' || text.ContainsAnyExceptInRange((byte)'0', (byte)'9'));
        if (isHex)
        {
            return HexText.TryParse(text, out id);
        }

        return Utf8Parser.TryParse(text, out id, out int length) && length == text.Length;
    }

    /// <summary>Reads a trace's id, which has its first half elsewhere if that has digits only.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, bool isText, out TraceId id)
    {
        if (isText && text.Length == TraceId.HexLength)
        {
            return TraceId.TryParse(text, out id);
        }

        bool parsed = TryParse(text, isText, out ulong low);
        if (!parsed && text.Length is > 19 and < 40 && UInt128.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out UInt128 wide))
        {
            id = new TraceId((ulong)(wide >> 64), (ulong)wide);
            return true;
        }

        id = new TraceId(0, low);
        return parsed && low != 0;
    }
}
