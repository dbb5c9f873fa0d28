using System.Text.Json;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Otlp;

/// <summary>
/// OTLP's <c>TracesData</c> as JSON (opentelemetry-proto <c>trace/v1/trace.proto</c>; OTLP specification, "JSON Protobuf Encoding": ids in hex,
/// 64-bit integers as text, enumerations as numbers, names in lowerCamelCase). An open span has no <c>endTimeUnixNano</c>. That a span follows
/// from its parent is said by a link to it with <c>opentracing.ref_type</c>, as OpenTelemetry's OpenTracing shim does.
/// </summary>
internal sealed class OtlpExport
{
    private readonly ExportJson _json;
    private readonly Utf8JsonWriter _writer;
    private readonly Trace _trace;
    private readonly SpanBatch _batch;
    private readonly OtlpValues _values;
    private readonly AttributeCollection _attributes;
    private readonly SpanOrigins _origins;

    private OtlpExport(ExportJson json)
    {
        _json = json;
        _writer = json.Writer;
        _trace = json.Trace;
        _batch = json.Batch;
        _values = new OtlpValues(json);
        _attributes = new AttributeCollection(json.Batch);
        _origins = new SpanOrigins(json.Trace);
    }

    /// <summary>Writes traces, one after the other.</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<ExportJson> traces)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("resourceSpans"u8);
        foreach (ExportJson trace in traces)
        {
            new OtlpExport(trace).WriteResourceSpans();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteResourceSpans()
    {
        var groups = new SpanGroups(_trace.SpanCount, _origins);
        for (int resource = 0; resource < _origins.Resources.Count; resource++)
        {
            _writer.WriteStartObject();
            WriteResource(resource);
            _writer.WriteStartArray("scopeSpans"u8);
            for (int group = groups.FirstOfResource(resource); group >= 0; group = groups.NextOfResource(group))
            {
                WriteGroup(groups, group);
            }

            _writer.WriteEndArray();
            _writer.WriteEndObject();
        }
    }

    private void WriteResource(int resource)
    {
        _writer.WriteStartObject("resource"u8);
        _writer.WriteStartArray("attributes"u8);
        int service = _origins.Resources.Owner(resource);
        if (service != 0)
        {
            _values.WriteText("service.name"u8, _batch.Strings[service]);
        }

        foreach (ref readonly SpanAttribute attribute in _origins.Resources.Attributes(resource))
        {
            _values.WriteAttribute(new ExportedAttribute(attribute, IsPrefixed: false));
        }

        _writer.WriteEndArray();
        _writer.WriteEndObject();
    }

    private void WriteGroup(SpanGroups groups, int group)
    {
        _writer.WriteStartObject();
        WriteScope(groups.ScopeOf(group));
        _writer.WriteStartArray("spans"u8);
        for (int span = groups.FirstSpan(group); span >= 0; span = groups.NextSpan(span))
        {
            WriteSpan(span);
            _json.FlushIfFull();
        }

        _writer.WriteEndArray();
        _writer.WriteEndObject();
    }

    private void WriteScope(int scope)
    {
        ReadOnlySpan<SpanAttribute> attributes = _origins.Scopes.Attributes(scope);
        if (attributes.IsEmpty)
        {
            return;
        }

        // OpenTelemetry's name and version of a scope, where they are attributes (mapping to non-OTLP formats, "InstrumentationScope").
        int name = _batch.Strings.Find("otel.scope.name"u8);
        int version = _batch.Strings.Find("otel.scope.version"u8);
        _writer.WriteStartObject("scope"u8);
        bool others = false;
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (attribute.Kind == AttributeKind.String && (attribute.Key == name || attribute.Key == version))
            {
                _json.Text(attribute.Key == name ? "name"u8 : "version"u8, attribute.Text);
            }
            else
            {
                others = true;
            }
        }

        if (others)
        {
            _writer.WriteStartArray("attributes"u8);
            foreach (ref readonly SpanAttribute attribute in attributes)
            {
                if (attribute.Kind != AttributeKind.String || (attribute.Key != name && attribute.Key != version))
                {
                    _values.WriteAttribute(new ExportedAttribute(attribute, IsPrefixed: false));
                }
            }

            _writer.WriteEndArray();
        }

        _writer.WriteEndObject();
    }

    private void WriteSpan(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        _writer.WriteStartObject();
        _json.Id("traceId"u8, span.TraceId);
        _json.Id("spanId"u8, span.SpanId);
        if (span.TraceState != 0)
        {
            _json.Text("traceState"u8, span.TraceState);
        }

        SpanId parent = _json.IsCut(index) ? span.ParentSpanId : _json.ParentOf(index);
        if (!parent.IsZero)
        {
            _json.Id("parentSpanId"u8, parent);
        }

        _json.Text("name"u8, span.Name);
        _writer.WriteNumber("kind"u8, (int)span.Kind);
        WriteTimes(in span);
        _attributes.Clear();
        _attributes.AddSpan(in span);
        WriteAttributes();
        WriteEvents(index);
        WriteLinks(in span, parent);
        WriteStatus(in span);
        _writer.WriteEndObject();
    }

    private void WriteTimes(in SpanRecord span)
    {
        if (span.Start != 0)
        {
            _json.Digits("startTimeUnixNano"u8, span.Start);
        }

        if (!span.IsOpen && span.End != 0)
        {
            // As it was recorded, even before the start.
            _json.Digits("endTimeUnixNano"u8, span.EndUnixNano != 0 ? span.EndUnixNano : span.End);
        }
    }

    private void WriteAttributes()
    {
        if (_attributes.Items.IsEmpty)
        {
            return;
        }

        _writer.WriteStartArray("attributes"u8);
        foreach (ref readonly ExportedAttribute attribute in _attributes.Items)
        {
            _values.WriteAttribute(in attribute);
        }

        _writer.WriteEndArray();
    }

    private void WriteEvents(int span)
    {
        if (!_json.HasEvents(span))
        {
            return;
        }

        _writer.WriteStartArray("events"u8);
        for (int i = 0; i < _json.EventRecords(span); i++)
        {
            ref readonly SpanRecord record = ref _trace[_json.EventRecord(span, i)];
            foreach (ref readonly SpanEvent spanEvent in _batch.Events(in record))
            {
                WriteEvent(in spanEvent, i == 0 ? default : record.SpanId);
                _json.FlushIfFull();
            }
        }

        _writer.WriteEndArray();
    }

    private void WriteEvent(in SpanEvent spanEvent, SpanId missing)
    {
        _writer.WriteStartObject();
        if (spanEvent.TimeUnixNano != 0)
        {
            _json.Digits("timeUnixNano"u8, spanEvent.TimeUnixNano);
        }

        _json.Text("name"u8, spanEvent.Name);
        _attributes.Clear();
        if (!missing.IsZero)
        {
            _attributes.Take("span_id"u8);
        }

        _attributes.Add(_batch.Attributes(in spanEvent));
        if (!missing.IsZero || !_attributes.Items.IsEmpty)
        {
            _writer.WriteStartArray("attributes"u8);
            if (!missing.IsZero)
            {
                Span<byte> digits = stackalloc byte[SpanId.HexLength];
                missing.Format(digits);
                _values.WriteText("span_id"u8, digits);
            }

            foreach (ref readonly ExportedAttribute attribute in _attributes.Items)
            {
                _values.WriteAttribute(in attribute);
            }

            _writer.WriteEndArray();
        }

        _writer.WriteEndObject();
    }

    private void WriteLinks(in SpanRecord span, SpanId parent)
    {
        bool follows = (span.Flags & SpanFlags.FollowsFrom) != 0 && !parent.IsZero;
        if (!follows && span.LinkCount == 0)
        {
            return;
        }

        _writer.WriteStartArray("links"u8);
        foreach (ref readonly SpanLink link in _batch.Links(in span))
        {
            follows &= link.SpanId != parent || link.TraceId != span.TraceId;
            _writer.WriteStartObject();
            _json.Id("traceId"u8, link.TraceId);
            _json.Id("spanId"u8, link.SpanId);
            _attributes.Clear();
            _attributes.Add(_batch.Attributes(in link));
            WriteAttributes();
            _writer.WriteEndObject();
        }

        if (follows)
        {
            _writer.WriteStartObject();
            _json.Id("traceId"u8, span.TraceId);
            _json.Id("spanId"u8, parent);
            _writer.WriteStartArray("attributes"u8);
            _values.WriteText("opentracing.ref_type"u8, "follows_from"u8);
            _writer.WriteEndArray();
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
    }

    private void WriteStatus(in SpanRecord span)
    {
        if (span.Status == SpanStatus.Unset && span.StatusMessage == 0)
        {
            return;
        }

        _writer.WriteStartObject("status"u8);
        if (span.StatusMessage != 0)
        {
            _json.Text("message"u8, span.StatusMessage);
        }

        _writer.WriteNumber("code"u8, (int)span.Status);
        _writer.WriteEndObject();
    }
}
