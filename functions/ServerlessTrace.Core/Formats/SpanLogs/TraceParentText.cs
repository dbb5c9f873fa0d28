using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>The <c>traceparent</c> header (W3C Trace Context, 3.2).</summary>
internal static class TraceParentText
{
    private const int Length = 55;

    /// <summary>Reads the ids. A version of the future may be longer (3.2.4).</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out TraceId traceId, out SpanId spanId)
    {
        traceId = default;
        spanId = default;
        bool shaped = text.Length >= Length && text[2] == '-' && text[35] == '-' && text[52] == '-'
            && (text.Length == Length || (!text.StartsWith("00"u8) && text[Length] == '-'))
            && !text.StartsWith("ff"u8);
        return shaped && TraceId.TryParse(text[3..35], out traceId) && SpanId.TryParse(text[36..52], out spanId);
    }
}
