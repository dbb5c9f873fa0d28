using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>
/// A message that carries trace context in <c>headers</c> and span logs or a business payload in <c>body</c>. Not on the hot
/// path: what the parser has found is looked at once more, plainly.
/// </summary>
internal sealed unsafe class MessageEnvelope(ReadLimits limits, SpanLogParser parser, JsonScanner json, string service)
{
    private static readonly byte[] None = [];

    /// <summary>Reads the trace context; none if the headers have no trace. Returns what is wrong with it.</summary>
    public string? ReadHeaders(StringTable strings, out SpanLogDefaults? headers)
    {
        headers = null;
        Dictionary<string, string> fields = TextFields(Raw(parser.Headers));
        TraceId traceId = default;
        SpanId spanId = default;
        if (fields.TryGetValue("traceparent", out string? parent))
        {
            if (!TraceParentText.TryParse(Encoding.UTF8.GetBytes(parent), out traceId, out spanId))
            {
                return "the header traceparent is not W3C Trace Context: expected 00-<32 hex digits>-<16 hex digits>-<2 hex digits>";
            }
        }
        else if (!fields.TryGetValue("traceid", out string? trace) || !TraceId.TryParse(trace, out traceId))
        {
            return null;
        }
        else if (fields.TryGetValue("spanid", out string? span) && !SpanId.TryParse(span, out spanId))
        {
            return "the header span_id is not hexadecimal: expected 1 to 16 hex digits, not all zeros";
        }

        headers = new SpanLogDefaults(
            traceId,
            spanId,
            Text(fields, "tracestate"),
            strings[parser.Record.Service].ToArray(),
            Text(fields, "correlationid", "xcorrelationid"),
            Text(fields, "requestid", "xrequestid"),
            Text(fields, "baggage"));
        return null;
    }

    /// <summary>Reads the body's span logs, if that is what it holds: an object, an array, or a string of them.</summary>
    public bool TryReadSpanLogs(SpanLogDefaults headers, SourceStatistics statistics, SpanBatch batch)
    {
        if (parser.Body is null)
        {
            return false;
        }

        byte[] body = *parser.Body == '"' ? Unescaped() : Raw(parser.Body).ToArray();
        if (!HoldsSpanLogs(body))
        {
            return false;
        }

        byte[] padded = new byte[body.Length + JsonScanner.Slack];
        body.CopyTo(padded, 0);
        ReadLimits unbatched = limits with { SpansPerBatch = int.MaxValue, BytesPerBatch = long.MaxValue };
        SpanLogReader reader = new(unbatched, statistics, service, headers);
        reader.Read(new SourceContent(padded.AsSpan(0, body.Length), 0, isLast: true), batch, out _);
        return true;
    }

    /// <summary>Whether the first object of a text says of which trace or span it is.</summary>
    private bool HoldsSpanLogs(ReadOnlySpan<byte> text)
    {
        int brace = text.IndexOfAnyExcept(" \t\r\n["u8);
        if (brace < 0 || text[brace] != '{')
        {
            return false;
        }

        try
        {
            Utf8JsonReader reader = new(text[brace..], new JsonReaderOptions { MaxDepth = json.MaximumDepth + 1, AllowMultipleValues = true });
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    SpanLogField field = SpanLogFields.Classify(reader.GetString() ?? string.Empty, FieldPlace.Record).Field;
                    reader.Read();
                    if (field is SpanLogField.TraceId or SpanLogField.SpanId or SpanLogField.SpanName or SpanLogField.TraceParent
                        || (field == SpanLogField.Event && reader.TokenType == JsonTokenType.String && reader.ValueSpan.StartsWith("span"u8)))
                    {
                        return true;
                    }

                    reader.Skip();
                }
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // Not JSON, so no span logs: the text is kept as it is.
        }

        return false;
    }

    private ReadOnlySpan<byte> Raw(byte* at)
    {
        byte* end = json.SkipValue(at, 2);
        return new ReadOnlySpan<byte>(at, (int)(end - at));
    }

    private byte[] Unescaped()
    {
        json.ReadString(parser.Body + 1, out byte* text, out int length);
        return new ReadOnlySpan<byte>(text, length).ToArray();
    }

    private static byte[] Text(Dictionary<string, string> fields, string name, string other = "") =>
        fields.TryGetValue(name, out string? text) || fields.TryGetValue(other, out text) ? Encoding.UTF8.GetBytes(text) : None;

    private static Dictionary<string, string> TextFields(ReadOnlySpan<byte> headers)
    {
        Dictionary<string, string> fields = [];
        using JsonDocument document = JsonDocument.Parse(
            Encoding.UTF8.GetString(headers), new JsonDocumentOptions { MaxDepth = 1000 });
        foreach (JsonProperty header in document.RootElement.EnumerateObject())
        {
            if (header.Value.ValueKind != JsonValueKind.String)
            {
                continue;
            }

            try
            {
                fields[SpanLogFields.Spell(header.Name)] = header.Value.GetString() ?? string.Empty;
            }
            catch (InvalidOperationException)
            {
                // Half of a surrogate pair: no header that matters here has one.
            }
        }

        return fields;
    }
}
