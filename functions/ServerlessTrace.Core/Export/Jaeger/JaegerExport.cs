using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Jaeger;

/// <summary>
/// The JSON of Jaeger's query API (jaegertracing/jaeger, <c>internal/uimodel/model.go</c>), which its user interface opens as a file. What OpenTelemetry
/// knows and Jaeger does not becomes tags and references as in OpenTelemetry's "OpenTelemetry to Jaeger Transformation". Attributes of links are left out.
/// </summary>
internal sealed class JaegerExport
{
    private readonly ExportJson _json;
    private readonly Utf8JsonWriter _writer;
    private readonly Trace _trace;
    private readonly SpanBatch _batch;
    private readonly AttributeCollection _attributes;
    private readonly SpanOrigins _origins;
    private readonly int _referenceType;

    private JaegerExport(ExportJson json)
    {
        _json = json;
        _writer = json.Writer;
        _trace = json.Trace;
        _batch = json.Batch;
        _attributes = new AttributeCollection(json.Batch);
        _origins = new SpanOrigins(json.Trace);
        _referenceType = json.Batch.Strings.Find("opentracing.ref_type"u8);
    }

    /// <summary>Writes traces as an answer of Jaeger's query API.</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<ExportJson> traces)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("data"u8);
        foreach (ExportJson trace in traces)
        {
            new JaegerExport(trace).WriteTrace();
        }

        writer.WriteEndArray();
        writer.WriteNumber("total"u8, 0);
        writer.WriteNumber("limit"u8, 0);
        writer.WriteNumber("offset"u8, 0);
        writer.WriteNull("errors"u8);
        writer.WriteEndObject();
    }

    private void WriteTrace()
    {
        _writer.WriteStartObject();
        _json.Id("traceID"u8, _trace.Id);
        _writer.WriteStartArray("spans"u8);
        for (int span = 0; span < _trace.SpanCount; span++)
        {
            WriteSpan(span);
            _json.FlushIfFull();
        }

        _writer.WriteEndArray();
        WriteProcesses();
        _writer.WriteNull("warnings"u8);
        _writer.WriteEndObject();
    }

    private void WriteProcesses()
    {
        _writer.WriteStartObject("processes"u8);
        for (int resource = 0; resource < _origins.Resources.Count; resource++)
        {
            _writer.WriteStartObject(Process(resource));
            int service = _origins.Resources.Owner(resource);
            if (service != 0)
            {
                _json.Text("serviceName"u8, service);
            }
            else
            {
                // What OpenTelemetry calls a resource that names no service.
                _writer.WriteString("serviceName"u8, "unknown_service"u8);
            }

            _writer.WriteStartArray("tags"u8);
            WriteTags(_origins.Resources.Attributes(resource));
            _writer.WriteEndArray();
            _writer.WriteEndObject();
        }

        _writer.WriteEndObject();
    }

    private static string Process(int resource) => string.Create(CultureInfo.InvariantCulture, $"p{resource + 1}");

    private void WriteSpan(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        long start = ExportJson.Micros(StartOf(in span));
        _writer.WriteStartObject();
        _json.Id("traceID"u8, span.TraceId);
        _json.Id("spanID"u8, span.SpanId);
        _json.Text("operationName"u8, span.Name);
        WriteReferences(index);
        _writer.WriteNumber("startTime"u8, start);
        _writer.WriteNumber("duration"u8, span.Start == 0 ? 0 : ExportJson.Micros(span.End) - start);
        WriteSpanTags(index);
        WriteLogs(index);
        _writer.WriteString("processID"u8, Process(_origins.ResourceOf(index)));
        WriteWarnings(index);
        _writer.WriteEndObject();
    }

    /// <summary>A span of which no time is known stands at the trace's start, not in 1970.</summary>
    private long StartOf(in SpanRecord span) => span.Start != 0 ? span.Start : _trace.Start;

    /// <summary>The parent comes first, as readers take the first reference for it.</summary>
    private void WriteReferences(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        _writer.WriteStartArray("references"u8);
        SpanId parent = _json.ParentOf(index);
        if (!parent.IsZero)
        {
            WriteReference((span.Flags & SpanFlags.FollowsFrom) != 0, span.TraceId, parent);
        }

        foreach (ref readonly SpanLink link in _batch.Links(in span))
        {
            WriteReference(!IsChildOf(in link), link.TraceId, link.SpanId);
        }

        _writer.WriteEndArray();
    }

    private bool IsChildOf(in SpanLink link)
    {
        foreach (ref readonly SpanAttribute attribute in _batch.Attributes(in link))
        {
            if (attribute.Key == _referenceType && attribute.Kind == AttributeKind.String)
            {
                return _batch.Strings[attribute.Text].SequenceEqual("child_of"u8);
            }
        }

        return false;
    }

    private void WriteReference(bool follows, TraceId trace, SpanId span)
    {
        _writer.WriteStartObject();
        _writer.WriteString("refType"u8, follows ? "FOLLOWS_FROM"u8 : "CHILD_OF"u8);
        _json.Id("traceID"u8, trace);
        _json.Id("spanID"u8, span);
        _writer.WriteEndObject();
    }

    private void WriteSpanTags(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        _attributes.Clear();
        _writer.WriteStartArray("tags"u8);
        WriteKind(span.Kind);
        WriteStatus(in span);
        if (span.TraceState != 0)
        {
            WriteTextTag("w3c.tracestate"u8, _batch.Strings[span.TraceState]);
        }

        _attributes.AddSpan(in span);
        _attributes.Add(_origins.Scopes.Attributes(_origins.ScopeOf(index)));
        foreach (ref readonly ExportedAttribute attribute in _attributes.Items)
        {
            WriteTag(in attribute);
        }

        _writer.WriteEndArray();
    }

    private void WriteKind(SpanKind kind)
    {
        if (kind != SpanKind.Unspecified)
        {
            WriteTextTag("span.kind"u8, kind switch
            {
                SpanKind.Server => "server"u8,
                SpanKind.Client => "client"u8,
                SpanKind.Producer => "producer"u8,
                SpanKind.Consumer => "consumer"u8,
                _ => "internal"u8,
            });
        }
    }

    private void WriteStatus(in SpanRecord span)
    {
        if (span.Status != SpanStatus.Unset)
        {
            WriteTextTag("otel.status_code"u8, span.Status == SpanStatus.Error ? "ERROR"u8 : "OK"u8);
        }

        if (span.StatusMessage != 0)
        {
            WriteTextTag("otel.status_description"u8, _batch.Strings[span.StatusMessage]);
        }

        if (span.Status == SpanStatus.Error)
        {
            _attributes.Take("error"u8);
            BeginTag("error"u8, "bool"u8);
            _writer.WriteBoolean("value"u8, true);
            _writer.WriteEndObject();
        }
    }

    private void WriteTextTag(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _attributes.Take(key);
        BeginTag(key, "string"u8);
        _writer.WriteString("value"u8, value);
        _writer.WriteEndObject();
    }

    private void BeginTag(ReadOnlySpan<byte> key, ReadOnlySpan<byte> type)
    {
        _writer.WriteStartObject();
        _writer.WriteString("key"u8, key);
        _writer.WriteString("type"u8, type);
    }

    private void WriteTags(ReadOnlySpan<SpanAttribute> attributes)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            WriteTag(new ExportedAttribute(attribute, IsPrefixed: false));
        }
    }

    private void WriteTag(in ExportedAttribute exported)
    {
        // JavaScript cannot hold greater integers, so Jaeger writes them as text.
        const long SafeInteger = (1L << 53) - 1;
        SpanAttribute attribute = exported.Value;
        _writer.WriteStartObject();
        _json.Key("key"u8, in exported);
        _writer.WriteString("type"u8, attribute.Kind switch
        {
            AttributeKind.Int64 => "int64"u8,
            AttributeKind.Double => "float64"u8,
            AttributeKind.Bool => "bool"u8,
            AttributeKind.Bytes => "binary"u8,
            _ => "string"u8,
        });
        switch (attribute.Kind)
        {
            case AttributeKind.Int64 when attribute.Bits is > SafeInteger or < -SafeInteger:
                _json.Digits("value"u8, attribute.Bits);
                break;
            case AttributeKind.Int64:
                _writer.WriteNumber("value"u8, attribute.Bits);
                break;
            case AttributeKind.Double:
                _json.Number("value"u8, attribute.Number);
                break;
            case AttributeKind.Bool:
                _writer.WriteBoolean("value"u8, attribute.Bits != 0);
                break;
            default:
                _json.Text("value"u8, attribute.Text);
                break;
        }

        _writer.WriteEndObject();
    }

    private void WriteLogs(int span)
    {
        _writer.WriteStartArray("logs"u8);
        for (int i = 0; i < _json.EventRecords(span); i++)
        {
            ref readonly SpanRecord record = ref _trace[_json.EventRecord(span, i)];
            foreach (ref readonly SpanEvent spanEvent in _batch.Events(in record))
            {
                WriteLog(in spanEvent, StartOf(in _trace[span]), i == 0 ? default : record.SpanId);
                _json.FlushIfFull();
            }
        }

        _writer.WriteEndArray();
    }

    private void WriteLog(in SpanEvent spanEvent, long spanStart, SpanId missing)
    {
        _attributes.Clear();
        _writer.WriteStartObject();
        _writer.WriteNumber("timestamp"u8, ExportJson.Micros(spanEvent.TimeUnixNano != 0 ? spanEvent.TimeUnixNano : spanStart));
        _writer.WriteStartArray("fields"u8);
        WriteTextTag("event"u8, _batch.Strings[spanEvent.Name]);
        if (!missing.IsZero)
        {
            Span<byte> digits = stackalloc byte[SpanId.HexLength];
            missing.Format(digits);
            WriteTextTag("span_id"u8, digits);
        }

        _attributes.Add(_batch.Attributes(in spanEvent));
        foreach (ref readonly ExportedAttribute attribute in _attributes.Items)
        {
            WriteTag(in attribute);
        }

        _writer.WriteEndArray();
        _writer.WriteEndObject();
    }

    private void WriteWarnings(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        bool isCut = _json.IsCut(index);
        if (span.Start != 0 && !span.IsOpen && !isCut)
        {
            _writer.WriteNull("warnings"u8);
            return;
        }

        _writer.WriteStartArray("warnings"u8);
        if (span.Start == 0)
        {
            _writer.WriteStringValue("no time of this span was received; it is shown at the start of the trace"u8);
        }

        if (span.IsOpen)
        {
            _writer.WriteStringValue("no end of this span was received; it is shown with no length"u8);
        }

        if (isCut)
        {
            _writer.WriteStringValue("this span is its own ancestor; the reference to its parent was cut"u8);
        }

        _writer.WriteEndArray();
    }
}
