using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>Writes complete spans as an OTLP <c>ExportTraceServiceRequest</c> in JSON, one request a line, as the Collector does.</summary>
internal static class OtlpJsonWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Appends one line with a batch's spans, grouped by what they share.</summary>
    public static void Write(SpanBatch batch, IBufferWriter<byte> output)
    {
        using (Utf8JsonWriter json = new(output, Options))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceSpans"u8);
            foreach (IGrouping<(int Service, int Shared), int> group in OtlpGroups.Of(batch))
            {
                Write(json, batch, group);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void Write(Utf8JsonWriter json, SpanBatch batch, IGrouping<(int Service, int Shared), int> group)
    {
        SpanRecord first = batch[group.First()];
        json.WriteStartObject();
        json.WriteStartObject("resource"u8);
        json.WriteStartArray("attributes"u8);
        Write(json, "service.name"u8, batch, new SpanAttribute(0, AttributeKind.String, first.Service));
        Attributes(json, batch, batch.SharedAttributes(first), AttributeScope.Resource);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("scopeSpans"u8);
        json.WriteStartObject();
        json.WriteStartObject("scope"u8);
        json.WriteString("name"u8, OtlpGroups.ScopeName);
        WriteAttributes(json, batch, batch.SharedAttributes(first), AttributeScope.Instrumentation);
        json.WriteEndObject();
        json.WriteStartArray("spans"u8);
        foreach (int index in group)
        {
            Write(json, batch, batch[index]);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SpanBatch batch, in SpanRecord span)
    {
        json.WriteStartObject();
        json.WriteString("traceId"u8, span.TraceId.ToString());
        json.WriteString("spanId"u8, span.SpanId.ToString());
        json.WriteString("parentSpanId"u8, span.ParentSpanId.IsZero ? string.Empty : span.ParentSpanId.ToString());
        json.WriteString("name"u8, batch.Strings[span.Name]);
        json.WriteNumber("kind"u8, (int)span.Kind);
        json.WriteString("startTimeUnixNano"u8, span.Start.ToString(CultureInfo.InvariantCulture));
        json.WriteString("endTimeUnixNano"u8, span.End.ToString(CultureInfo.InvariantCulture));
        WriteAttributes(json, batch, batch.Attributes(span), AttributeScope.Span);
        if (span.EventCount > 0)
        {
            json.WriteStartArray("events"u8);
            foreach (SpanEvent spanEvent in batch.Events(span))
            {
                json.WriteStartObject();
                json.WriteString("timeUnixNano"u8, spanEvent.TimeUnixNano.ToString(CultureInfo.InvariantCulture));
                json.WriteString("name"u8, batch.Strings[spanEvent.Name]);
                WriteAttributes(json, batch, batch.Attributes(spanEvent), AttributeScope.Span);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteStartObject("status"u8);
        if (span.StatusMessage != 0)
        {
            json.WriteString("message"u8, batch.Strings[span.StatusMessage]);
        }

        json.WriteNumber("code"u8, (int)span.Status);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAttributes(Utf8JsonWriter json, SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes, AttributeScope scope)
    {
        json.WriteStartArray("attributes"u8);
        Attributes(json, batch, attributes, scope);
        json.WriteEndArray();
    }

    private static void Attributes(Utf8JsonWriter json, SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes, AttributeScope scope)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (OtlpGroups.Belongs(attribute.Scope, scope))
            {
                Write(json, batch.Strings[attribute.Key], batch, attribute);
            }
        }
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> key, SpanBatch batch, in SpanAttribute attribute)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, key);
        json.WriteStartObject("value"u8);
        switch (attribute.Kind)
        {
            case AttributeKind.Int64:
                json.WriteString("intValue"u8, attribute.Bits.ToString(CultureInfo.InvariantCulture));
                break;
            case AttributeKind.Double when double.IsFinite(attribute.Number):
                json.WriteNumber("doubleValue"u8, attribute.Number);
                break;
            case AttributeKind.Double:
                json.WriteString("doubleValue"u8, double.IsNaN(attribute.Number) ? "NaN"u8 : attribute.Number > 0 ? "Infinity"u8 : "-Infinity"u8);
                break;
            case AttributeKind.Bool:
                json.WriteBoolean("boolValue"u8, attribute.Bits != 0);
                break;
            case AttributeKind.Bytes:
                json.WriteString("bytesValue"u8, batch.Strings[attribute.Text]);
                break;
            default:
                json.WriteString("stringValue"u8, batch.Strings[attribute.Text]);
                break;
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
