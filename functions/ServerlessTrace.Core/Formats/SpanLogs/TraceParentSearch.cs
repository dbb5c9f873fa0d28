using System.Text.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>
/// Looks for a <c>traceparent</c> anywhere in a record that has no trace otherwise: request loggers keep the headers of a request in an object of
/// their own. Only such records are looked through, so all others are as fast as before.
/// </summary>
internal static class TraceParentSearch
{
    /// <summary>Finds the first field of that name, in any case, that holds W3C Trace Context.</summary>
    public static bool TryFind(ReadOnlySpan<byte> record, out TraceId traceId, out SpanId spanId)
    {
        traceId = default;
        spanId = default;
        if (record.IndexOf("race"u8) < 0)
        {
            return false;
        }

        try
        {
            Utf8JsonReader json = new(record, new JsonReaderOptions { MaxDepth = 1000 });
            while (json.Read())
            {
                if (json.TokenType == JsonTokenType.PropertyName && (json.ValueTextEquals("traceparent"u8) || json.ValueTextEquals("Traceparent"u8) || json.ValueTextEquals("traceParent"u8))
                    && json.Read() && json.TokenType == JsonTokenType.String && TraceParentText.TryParse(json.ValueSpan, out traceId, out spanId))
                {
                    return true;
                }
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // Stricter than the reader that has accepted the record: then there is none.
        }

        return false;
    }
}
