using System.Buffers;
using System.Text.Json;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Zipkin;

/// <summary>
/// Zipkin's JSON, version 2 (openzipkin/zipkin-api, <c>zipkin2-api.yaml</c>), mapped as in OpenTelemetry's "OpenTelemetry to Zipkin Transformation".
/// Zipkin has no place for links, tracestate and the types of values. Halves of a call that were recorded with one id have one again.
/// </summary>
internal sealed class ZipkinExport
{
    private readonly ExportJson _json;
    private readonly Utf8JsonWriter _writer;
    private readonly Trace _trace;
    private readonly SpanBatch _batch;
    private readonly AttributeCollection _tags;
    private readonly AttributeCollection _eventAttributes;
    private readonly SpanOrigins _origins;
    private readonly RemoteEndpoint _remote;
    private readonly ArrayBufferWriter<byte> _annotation = new();

    public ZipkinExport(ExportJson json)
    {
        _json = json;
        _writer = json.Writer;
        _trace = json.Trace;
        _batch = json.Batch;
        _tags = new AttributeCollection(json.Batch);
        _eventAttributes = new AttributeCollection(json.Batch);
        _origins = new SpanOrigins(json.Trace);
        _remote = new RemoteEndpoint(json);
    }

    public void Write()
    {
        _writer.WriteStartArray();
        for (int span = 0; span < _trace.SpanCount; span++)
        {
            WriteSpan(span);
            _json.FlushIfFull();
        }

        _writer.WriteEndArray();
    }

    private void WriteSpan(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        bool shared = (span.Flags & SpanFlags.SharedServer) != 0;
        _writer.WriteStartObject();
        _json.Id("traceId"u8, span.TraceId);
        if (!span.ParentSpanId.IsZero && !_json.IsCut(index))
        {
            _json.Id("parentId"u8, span.ParentSpanId);
        }

        _json.Id("id"u8, shared ? SharedSpan.ClientHalf(span.SpanId) : span.SpanId);
        if (span.Kind is not (SpanKind.Unspecified or SpanKind.Internal))
        {
            _writer.WriteString("kind"u8, SpanNames.Of(span.Kind));
        }

        if (span.Name != 0)
        {
            _json.Text("name"u8, span.Name);
        }

        WriteTimes(in span);
        if (span.Service != 0)
        {
            _writer.WriteStartObject("localEndpoint"u8);
            _json.Text("serviceName"u8, span.Service);
            _writer.WriteEndObject();
        }

        WriteTags(index);
        WriteAnnotations(index);
        if (shared)
        {
            _writer.WriteBoolean("shared"u8, true);
        }

        _writer.WriteEndObject();
    }

    /// <summary>Durations under a microsecond are rounded up to one, since none at all means that the span has not ended; only messages need none.</summary>
    private void WriteTimes(in SpanRecord span)
    {
        if (span.Start == 0)
        {
            return;
        }

        long start = ExportJson.Micros(span.Start);
        _writer.WriteNumber("timestamp"u8, start);
        long duration = ExportJson.Micros(span.End) - start;
        bool isMessage = span.Kind is SpanKind.Producer or SpanKind.Consumer;
        if (!span.IsOpen && (duration > 0 || !isMessage))
        {
            _writer.WriteNumber("duration"u8, Math.Max(1, duration));
        }
    }

    private void WriteTags(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        _tags.Clear();
        if (span.Status != SpanStatus.Unset)
        {
            _tags.Take("otel.status_code"u8);
        }

        // A tag of that name, whatever its value, says that a span failed.
        _tags.Take("error"u8);
        _tags.AddSpan(in span);
        _tags.Add(_origins.Scopes.Attributes(_origins.ScopeOf(index)));
        _tags.Add(_origins.Resources.Attributes(_origins.ResourceOf(index)));
        if (span.Kind is SpanKind.Client or SpanKind.Producer)
        {
            _remote.Write(_tags.Items);
        }

        if (_tags.Items.IsEmpty && span.Status == SpanStatus.Unset)
        {
            return;
        }

        _writer.WriteStartObject("tags"u8);
        if (span.Status != SpanStatus.Unset)
        {
            _writer.WriteString("otel.status_code"u8, SpanNames.Of(span.Status));
        }

        if (span.Status == SpanStatus.Error)
        {
            _json.Text("error"u8, span.StatusMessage);
        }

        WriteTagValues();
        _writer.WriteEndObject();
    }

    private void WriteTagValues()
    {
        foreach (ref readonly ExportedAttribute attribute in _tags.Items)
        {
            _json.WriteName(in attribute);
            _writer.WriteStringValue(_json.AsText(attribute.Value));
        }
    }

    private void WriteAnnotations(int span)
    {
        if (!_json.HasEvents(span))
        {
            return;
        }

        _writer.WriteStartArray("annotations"u8);
        for (int i = 0; i < _json.EventRecords(span); i++)
        {
            ref readonly SpanRecord record = ref _trace[_json.EventRecord(span, i)];
            foreach (ref readonly SpanEvent spanEvent in _batch.Events(in record))
            {
                WriteAnnotation(in spanEvent, _trace[span].Start, i == 0 ? default : record.SpanId);
                _json.FlushIfFull();
            }
        }

        _writer.WriteEndArray();
    }

    private void WriteAnnotation(in SpanEvent spanEvent, long spanStart, SpanId missing)
    {
        _writer.WriteStartObject();
        _writer.WriteNumber("timestamp"u8, ExportJson.Micros(spanEvent.TimeUnixNano != 0 ? spanEvent.TimeUnixNano : spanStart));
        _eventAttributes.Clear();
        if (!missing.IsZero)
        {
            _eventAttributes.Take("span_id"u8);
        }

        _eventAttributes.Add(_batch.Attributes(in spanEvent));
        if (missing.IsZero && _eventAttributes.Items.IsEmpty)
        {
            _json.Text("value"u8, spanEvent.Name);
        }
        else
        {
            _writer.WriteString("value"u8, NameWithAttributes(spanEvent.Name, missing));
        }

        _writer.WriteEndObject();
    }

    /// <summary><c>"name": {"key": "value"}</c>, as the transformation has it.</summary>
    private ReadOnlySpan<byte> NameWithAttributes(int name, SpanId missing)
    {
        _annotation.ResetWrittenCount();
        using (var text = new Utf8JsonWriter(_annotation, TraceReportJson.Options))
        {
            text.WriteStringValue(_batch.Strings[name]);
        }

        _annotation.Write(": "u8);
        using (var text = new Utf8JsonWriter(_annotation, TraceReportJson.Options))
        {
            text.WriteStartObject();
            if (!missing.IsZero)
            {
                text.WriteString("span_id"u8, missing.ToString());
            }

            var attributes = new ExportJson(text, _trace);
            foreach (ref readonly ExportedAttribute attribute in _eventAttributes.Items)
            {
                attributes.Property(in attribute);
            }

            text.WriteEndObject();
        }

        return _annotation.WrittenSpan;
    }
}
