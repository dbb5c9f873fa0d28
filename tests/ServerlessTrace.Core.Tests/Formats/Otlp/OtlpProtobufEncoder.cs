using System.Buffers.Binary;
using System.Text;

namespace ServerlessTrace.Core.Tests.Formats.Otlp;

/// <summary>Writes protobuf by hand, field numbers from opentelemetry-proto.</summary>
internal sealed class OtlpProtobufEncoder
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public static byte[] Request(OtlpModel model)
    {
        OtlpProtobufEncoder request = new();
        foreach (OtlpGroup group in model.Groups)
        {
            request.Message(1, g =>
            {
                g.Message(1, r => r.Pairs(1, group.Resource));
                foreach (OtlpScopeGroup scope in group.Scopes)
                {
                    g.Message(2, s =>
                    {
                        s.Message(1, i => i.Text(1, scope.Name).Text(2, scope.Version).Pairs(3, scope.Attributes));
                        foreach (OtlpSpan span in scope.Spans)
                        {
                            s.Message(2, each => each.Span(span));
                        }
                    });
                }
            });
        }

        return request.Bytes;
    }

    public OtlpProtobufEncoder Span(OtlpSpan span)
    {
        Field(1, span.TraceId).Field(2, span.SpanId).Text(3, span.TraceState).Field(4, span.ParentSpanId).Text(5, span.Name)
            .Number(6, (ulong)span.Kind).Fixed64(7, span.Start).Fixed64(8, span.End).Pairs(9, span.Attributes).Number(10, span.DroppedAttributes);
        foreach (OtlpDetail detail in span.Events)
        {
            Message(11, e => e.Fixed64(1, detail.Time).Text(2, detail.Name).Pairs(3, detail.Attributes).Number(4, detail.Dropped));
        }

        foreach (OtlpLink link in span.Links)
        {
            Message(13, l => l.Field(1, link.TraceId).Field(2, link.SpanId).Pairs(4, link.Attributes));
        }

        if (span.Status != 0 || span.StatusMessage.Length > 0)
        {
            Message(15, s => s.Text(2, span.StatusMessage).Number(3, (ulong)span.Status));
        }

        return this;
    }

    public OtlpProtobufEncoder Message(int field, Action<OtlpProtobufEncoder> content)
    {
        OtlpProtobufEncoder inner = new();
        content(inner);
        Varint((ulong)((field << 3) | 2));
        Varint((ulong)inner._bytes.Count);
        _bytes.AddRange(inner._bytes);
        return this;
    }

    public OtlpProtobufEncoder Field(int field, byte[] content) => content.Length == 0 ? this : Message(field, inner => inner._bytes.AddRange(content));

    public OtlpProtobufEncoder Text(int field, string text) => Field(field, Encoding.UTF8.GetBytes(text));

    public OtlpProtobufEncoder Number(int field, ulong value)
    {
        if (value != 0)
        {
            Varint((ulong)(field << 3));
            Varint(value);
        }

        return this;
    }

    public OtlpProtobufEncoder Fixed64(int field, long value)
    {
        if (value != 0)
        {
            Varint((ulong)((field << 3) | 1));
            byte[] bytes = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            _bytes.AddRange(bytes);
        }

        return this;
    }

    public OtlpProtobufEncoder Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public OtlpProtobufEncoder Pairs(int field, IEnumerable<OtlpPair> pairs)
    {
        foreach (OtlpPair pair in pairs)
        {
            Message(field, p => p.Text(1, pair.Key).Message(2, v => v.Value(pair.Value)));
        }

        return this;
    }

    public OtlpProtobufEncoder Value(object? value)
    {
        switch (value)
        {
            case string text:
                return Message(1, inner => inner._bytes.AddRange(Encoding.UTF8.GetBytes(text)));
            case bool truth:
                Varint(2 << 3);
                Varint(truth ? 1UL : 0);
                break;
            case long number:
                Varint(3 << 3);
                Varint((ulong)number);
                break;
            case double number:
                Varint((4 << 3) | 1);
                byte[] bits = new byte[8];
                BinaryPrimitives.WriteDoubleLittleEndian(bits, number);
                _bytes.AddRange(bits);
                break;
            case byte[] bytes:
                return Message(7, inner => inner._bytes.AddRange(bytes));
            case OtlpPair[] pairs:
                return Message(6, list => list.Pairs(1, pairs));
            case object?[] values:
                return Message(5, array =>
                {
                    foreach (object? each in values)
                    {
                        array.Message(1, v => v.Value(each));
                    }
                });
        }

        return this;
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }
}
