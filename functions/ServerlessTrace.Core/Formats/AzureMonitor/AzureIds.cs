using System.IO.Hashing;
using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>
/// Application Insights' ids. Today they are W3C's; older SDKs write hierarchical ones, <c>|root.span.</c> (microsoft/ApplicationInsights-dotnet,
/// "Telemetry correlation in Application Insights"), or any text. What is not hexadecimal is hashed, so that the same text is
/// always the same id and parents are found.
/// </summary>
internal static class AzureIds
{
    /// <summary>The trace of an operation: hex digits, a GUID, or the hash of any other text.</summary>
    public static TraceId Trace(ReadOnlySpan<byte> operation)
    {
        operation = operation.Trim(" |."u8);
        if (TraceId.TryParse(operation, out TraceId id))
        {
            return id;
        }

        if (operation.Length == 36 && Guid.TryParse(Encoding.UTF8.GetString(operation), out Guid guid)
            && TraceId.TryParse(guid.ToString("N"), out id))
        {
            return id;
        }

        if (operation.IsEmpty)
        {
            return default;
        }

        UInt128 hash = XxHash128.HashToUInt128(operation);
        return new TraceId((ulong)(hash >> 64), (ulong)hash | 1);
    }

    /// <summary>A span's id: 1 to 16 hex digits, the last part of <c>|trace.span.</c> if that is W3C's, or the hash of any other text.</summary>
    public static SpanId Span(ReadOnlySpan<byte> text)
    {
        bool hierarchical = text.StartsWith("|"u8);
        text = text.Trim(" |."u8);
        if (text.IsEmpty)
        {
            return default;
        }

        ReadOnlySpan<byte> last = text[(text.LastIndexOf((byte)'.') + 1)..];
        bool isHex = hierarchical ? last.Length == SpanId.HexLength : last.Length == text.Length;
        return isHex && SpanId.TryParse(last, out SpanId id) ? id : new SpanId(XxHash3.HashToUInt64(text) | 1);
    }

    /// <summary>A parent's id; none where a root names its operation as parent.</summary>
    public static SpanId Parent(ReadOnlySpan<byte> text, ReadOnlySpan<byte> operation) =>
        text.Trim(" |."u8).SequenceEqual(operation.Trim(" |."u8)) ? default : Span(text);
}
