using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>
/// Writes complete spans as an OTLP <c>ExportTraceServiceRequest</c> in protobuf. Spans of one resource and scope that follow each
/// other in what is given are put into one group; field numbers are those of opentelemetry-proto 1.x.
/// </summary>
internal sealed class OtlpProtobufWriter
{
    private readonly ProtobufText _message = new();
    private readonly byte[] _id = new byte[16];

    /// <summary>Appends one request with a batch's spans, grouped by what they share; with its length before it (big-endian, four bytes) if framed.</summary>
    public void Write(SpanBatch batch, IBufferWriter<byte> output, bool framed)
    {
        _message.Clear();
        foreach (IGrouping<(int Service, int Shared), int> group in OtlpGroups.Of(batch))
        {
            int resourceSpans = _message.Begin(1);
            SpanRecord first = batch[group.First()];
            int resource = _message.Begin(1);
            Attribute(1, "service.name"u8, batch, new SpanAttribute(0, AttributeKind.String, first.Service));
            Attributes(1, batch, batch.SharedAttributes(first), AttributeScope.Resource);
            _message.End(resource);
            int scopeSpans = _message.Begin(2);
            int scope = _message.Begin(1);
            _message.Bytes(1, OtlpGroups.ScopeName);
            Attributes(3, batch, batch.SharedAttributes(first), AttributeScope.Instrumentation);
            _message.End(scope);
            foreach (int index in group)
            {
                int span = _message.Begin(2);
                Write(batch, batch[index]);
                _message.End(span);
            }

            _message.End(scopeSpans);
            _message.End(resourceSpans);
        }

        if (framed)
        {
            BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), _message.Length);
            output.Advance(4);
        }

        output.Write(_message.Written);
    }

    private void Write(SpanBatch batch, in SpanRecord span)
    {
        TraceId(1, span.TraceId);
        SpanId(2, span.SpanId);
        _message.Bytes(3, batch.Strings[span.TraceState]);
        if (!span.ParentSpanId.IsZero)
        {
            SpanId(4, span.ParentSpanId);
        }

        _message.Bytes(5, batch.Strings[span.Name]);
        _message.Number(6, (ulong)span.Kind);
        _message.Fixed64(7, (ulong)span.Start);
        _message.Fixed64(8, (ulong)span.End);
        Attributes(9, batch, batch.Attributes(span), AttributeScope.Span);
        foreach (SpanEvent spanEvent in batch.Events(span))
        {
            int start = _message.Begin(11);
            _message.Fixed64(1, (ulong)spanEvent.TimeUnixNano);
            _message.Bytes(2, batch.Strings[spanEvent.Name]);
            Attributes(3, batch, batch.Attributes(spanEvent), AttributeScope.Span);
            _message.End(start);
        }

        foreach (SpanLink link in batch.Links(span))
        {
            int start = _message.Begin(13);
            TraceId(1, link.TraceId);
            SpanId(2, link.SpanId);
            Attributes(4, batch, batch.Attributes(link), AttributeScope.Span);
            _message.End(start);
        }

        if (span.Status != SpanStatus.Unset)
        {
            int status = _message.Begin(15);
            _message.Bytes(2, batch.Strings[span.StatusMessage]);
            _message.Number(3, (ulong)span.Status);
            _message.End(status);
        }
    }

    private void TraceId(int field, TraceId id)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_id, id.High);
        BinaryPrimitives.WriteUInt64BigEndian(_id.AsSpan(8), id.Low);
        _message.Bytes(field, _id);
    }

    private void SpanId(int field, SpanId id)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_id, id.Value);
        _message.Bytes(field, _id.AsSpan(0, 8));
    }

    private void Attributes(int field, SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes, AttributeScope scope)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (OtlpGroups.Belongs(attribute.Scope, scope))
            {
                Attribute(field, batch.Strings[attribute.Key], batch, attribute);
            }
        }
    }

    private void Attribute(int field, ReadOnlySpan<byte> key, SpanBatch batch, in SpanAttribute attribute)
    {
        int pair = _message.Begin(field);
        _message.Bytes(1, key);
        int value = _message.Begin(2);
        switch (attribute.Kind)
        {
            case AttributeKind.Int64:
                _message.Number(3, (ulong)attribute.Bits);
                break;
            case AttributeKind.Double:
                _message.Fixed64(4, (ulong)attribute.Bits);
                break;
            case AttributeKind.Bool:
                _message.Number(2, (ulong)attribute.Bits);
                break;
            case AttributeKind.Bytes:
                byte[] bytes = batch.Strings[attribute.Text].ToArray();
                Base64.DecodeFromUtf8InPlace(bytes, out int length);
                _message.Always(7, bytes.AsSpan(0, length));
                break;
            default:
                _message.Always(1, batch.Strings[attribute.Text]);
                break;
        }

        _message.End(value);
        _message.End(pair);
    }
}
