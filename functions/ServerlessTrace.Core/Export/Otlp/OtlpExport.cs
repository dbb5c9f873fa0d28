using System.Text.Json;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Otlp;

/// <summary>
/// OTLP's <c>TracesData</c> (opentelemetry-proto <c>trace/v1/trace.proto</c>), in either encoding. An open span has no <c>endTimeUnixNano</c>. That a span follows
/// from its parent is said by a link to it with <c>opentracing.ref_type</c>, as OpenTelemetry's OpenTracing shim does.
/// </summary>
internal sealed class OtlpExport
{
    private readonly ExportedTrace _exported;
    private readonly OtlpEncoder _encoder;
    private readonly Trace _trace;
    private readonly SpanBatch _batch;
    private readonly OtlpValues _values;
    private readonly AttributeCollection _attributes;
    private readonly SpanOrigins _origins;

    private OtlpExport(ExportedTrace trace, OtlpEncoder encoder)
    {
        _exported = trace;
        _encoder = encoder;
        _trace = trace.Trace;
        _batch = trace.Batch;
        _values = new OtlpValues(encoder, trace.Batch);
        _attributes = new AttributeCollection(trace.Batch);
        _origins = new SpanOrigins(trace.Trace);
    }

    /// <summary>Writes traces, one after the other, as protobuf.</summary>
    public static void Write(ProtobufText message, IEnumerable<Trace> traces)
    {
        var encoder = new OtlpProtobufEncoder(message);
        foreach (Trace trace in traces)
        {
            new OtlpExport(new ExportedTrace(trace), encoder).WriteResourceSpans();
        }
    }

    /// <summary>Writes traces, one after the other, as JSON.</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<ExportJson> traces)
    {
        writer.WriteStartObject();
        writer.WriteStartArray(OtlpMember.OfTraces.ResourceSpans.Name);
        foreach (ExportJson trace in traces)
        {
            new OtlpExport(trace, new OtlpJsonEncoder(trace)).WriteResourceSpans();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteResourceSpans()
    {
        var groups = new SpanGroups(_trace.SpanCount, _origins);
        for (int resource = 0; resource < _origins.Resources.Count; resource++)
        {
            _encoder.BeginItem(OtlpMember.OfTraces.ResourceSpans);
            WriteResource(resource);
            _encoder.BeginList(OtlpMember.OfResourceSpans.ScopeSpans);
            for (int group = groups.FirstOfResource(resource); group >= 0; group = groups.NextOfResource(group))
            {
                WriteGroup(groups, group);
            }

            _encoder.EndList();
            _encoder.EndMessage();
        }
    }

    private void WriteResource(int resource)
    {
        _encoder.BeginMessage(OtlpMember.OfResourceSpans.Resource);
        _encoder.BeginList(OtlpMember.OfResource.Attributes);
        int service = _origins.Resources.Owner(resource);
        if (service != 0)
        {
            _values.WriteText(OtlpMember.OfResource.Attributes, "service.name"u8, _batch.Strings[service]);
        }

        foreach (ref readonly SpanAttribute attribute in _origins.Resources.Attributes(resource))
        {
            _values.WriteAttribute(OtlpMember.OfResource.Attributes, new ExportedAttribute(attribute, IsPrefixed: false));
        }

        _encoder.EndList();
        _encoder.EndMessage();
    }

    private void WriteGroup(SpanGroups groups, int group)
    {
        _encoder.BeginItem(OtlpMember.OfResourceSpans.ScopeSpans);
        WriteScope(groups.ScopeOf(group));
        _encoder.BeginList(OtlpMember.OfScopeSpans.Spans);
        for (int span = groups.FirstSpan(group); span >= 0; span = groups.NextSpan(span))
        {
            WriteSpan(span);
            _encoder.FlushIfFull();
        }

        _encoder.EndList();
        _encoder.EndMessage();
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
        _encoder.BeginMessage(OtlpMember.OfScopeSpans.Scope);
        bool others = false;
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (attribute.Kind == AttributeKind.String && (attribute.Key == name || attribute.Key == version))
            {
                _encoder.Text(attribute.Key == name ? OtlpMember.OfScope.Name : OtlpMember.OfScope.Version, _batch.Strings[attribute.Text]);
            }
            else
            {
                others = true;
            }
        }

        if (others)
        {
            _encoder.BeginList(OtlpMember.OfScope.Attributes);
            foreach (ref readonly SpanAttribute attribute in attributes)
            {
                if (attribute.Kind != AttributeKind.String || (attribute.Key != name && attribute.Key != version))
                {
                    _values.WriteAttribute(OtlpMember.OfScope.Attributes, new ExportedAttribute(attribute, IsPrefixed: false));
                }
            }

            _encoder.EndList();
        }

        _encoder.EndMessage();
    }

    private void WriteSpan(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        _encoder.BeginItem(OtlpMember.OfScopeSpans.Spans);
        _encoder.Id(OtlpMember.OfSpan.TraceId, span.TraceId);
        _encoder.Id(OtlpMember.OfSpan.SpanId, span.SpanId);
        if (span.TraceState != 0)
        {
            _encoder.Text(OtlpMember.OfSpan.TraceState, _batch.Strings[span.TraceState]);
        }

        SpanId parent = _exported.IsCut(index) ? span.ParentSpanId : _exported.ParentOf(index);
        if (!parent.IsZero)
        {
            _encoder.Id(OtlpMember.OfSpan.ParentSpanId, parent);
        }

        _encoder.Text(OtlpMember.OfSpan.Name, _batch.Strings[span.Name]);
        _encoder.Enumeration(OtlpMember.OfSpan.Kind, (int)span.Kind);
        WriteTimes(in span);
        _attributes.Clear();
        _attributes.AddSpan(in span);
        WriteAttributes(OtlpMember.OfSpan.Attributes);
        WriteEvents(index);
        WriteLinks(in span, parent);
        WriteStatus(in span);
        _encoder.EndMessage();
    }

    private void WriteTimes(in SpanRecord span)
    {
        if (span.Start != 0)
        {
            _encoder.Time(OtlpMember.OfSpan.Start, span.Start);
        }

        if (!span.IsOpen && span.End != 0)
        {
            // As it was recorded, even before the start.
            _encoder.Time(OtlpMember.OfSpan.End, span.EndUnixNano != 0 ? span.EndUnixNano : span.End);
        }
    }

    private void WriteAttributes(OtlpMember member)
    {
        if (_attributes.Items.IsEmpty)
        {
            return;
        }

        _encoder.BeginList(member);
        foreach (ref readonly ExportedAttribute attribute in _attributes.Items)
        {
            _values.WriteAttribute(member, in attribute);
        }

        _encoder.EndList();
    }

    private void WriteEvents(int span)
    {
        if (!_exported.HasEvents(span))
        {
            return;
        }

        _encoder.BeginList(OtlpMember.OfSpan.Events);
        for (int i = 0; i < _exported.EventRecords(span); i++)
        {
            ref readonly SpanRecord record = ref _trace[_exported.EventRecord(span, i)];
            foreach (ref readonly SpanEvent spanEvent in _batch.Events(in record))
            {
                WriteEvent(in spanEvent, i == 0 ? default : record.SpanId);
                _encoder.FlushIfFull();
            }
        }

        _encoder.EndList();
    }

    private void WriteEvent(in SpanEvent spanEvent, SpanId missing)
    {
        _encoder.BeginItem(OtlpMember.OfSpan.Events);
        if (spanEvent.TimeUnixNano != 0)
        {
            _encoder.Time(OtlpMember.OfEvent.Time, spanEvent.TimeUnixNano);
        }

        _encoder.Text(OtlpMember.OfEvent.Name, _batch.Strings[spanEvent.Name]);
        _attributes.Clear();
        if (!missing.IsZero)
        {
            _attributes.Take("span_id"u8);
        }

        _attributes.Add(_batch.Attributes(in spanEvent));
        if (!missing.IsZero || !_attributes.Items.IsEmpty)
        {
            _encoder.BeginList(OtlpMember.OfEvent.Attributes);
            if (!missing.IsZero)
            {
                Span<byte> digits = stackalloc byte[SpanId.HexLength];
                missing.Format(digits);
                _values.WriteText(OtlpMember.OfEvent.Attributes, "span_id"u8, digits);
            }

            foreach (ref readonly ExportedAttribute attribute in _attributes.Items)
            {
                _values.WriteAttribute(OtlpMember.OfEvent.Attributes, in attribute);
            }

            _encoder.EndList();
        }

        _encoder.EndMessage();
    }

    private void WriteLinks(in SpanRecord span, SpanId parent)
    {
        bool follows = (span.Flags & SpanFlags.FollowsFrom) != 0 && !parent.IsZero;
        if (!follows && span.LinkCount == 0)
        {
            return;
        }

        _encoder.BeginList(OtlpMember.OfSpan.Links);
        foreach (ref readonly SpanLink link in _batch.Links(in span))
        {
            follows &= link.SpanId != parent || link.TraceId != span.TraceId;
            _encoder.BeginItem(OtlpMember.OfSpan.Links);
            _encoder.Id(OtlpMember.OfLink.TraceId, link.TraceId);
            _encoder.Id(OtlpMember.OfLink.SpanId, link.SpanId);
            _attributes.Clear();
            _attributes.Add(_batch.Attributes(in link));
            WriteAttributes(OtlpMember.OfLink.Attributes);
            _encoder.EndMessage();
        }

        if (follows)
        {
            _encoder.BeginItem(OtlpMember.OfSpan.Links);
            _encoder.Id(OtlpMember.OfLink.TraceId, span.TraceId);
            _encoder.Id(OtlpMember.OfLink.SpanId, parent);
            _encoder.BeginList(OtlpMember.OfLink.Attributes);
            _values.WriteText(OtlpMember.OfLink.Attributes, "opentracing.ref_type"u8, "follows_from"u8);
            _encoder.EndList();
            _encoder.EndMessage();
        }

        _encoder.EndList();
    }

    private void WriteStatus(in SpanRecord span)
    {
        if (span.Status == SpanStatus.Unset && span.StatusMessage == 0)
        {
            return;
        }

        _encoder.BeginMessage(OtlpMember.OfSpan.Status);
        if (span.StatusMessage != 0)
        {
            _encoder.Text(OtlpMember.OfStatus.Message, _batch.Strings[span.StatusMessage]);
        }

        _encoder.Enumeration(OtlpMember.OfStatus.Code, (int)span.Status);
        _encoder.EndMessage();
    }
}
