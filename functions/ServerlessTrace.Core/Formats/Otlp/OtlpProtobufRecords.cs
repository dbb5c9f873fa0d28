using System.Buffers.Binary;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Reads single spans, log records, resources and instrumentation scopes in OTLP's protobuf encoding into an
/// <see cref="OtlpRecordWriter"/>. Field numbers are those of <c>trace.proto</c>, <c>logs.proto</c>, <c>common.proto</c> and
/// <c>resource.proto</c> of opentelemetry-proto 1.x; a case is a field's number and wire type. Unknown fields are passed over.
/// </summary>
internal sealed unsafe class OtlpProtobufRecords(ReadLimits limits, OtlpRecordWriter writer)
{
    private const uint Varint = 0;
    private const uint Fixed64 = 1;
    private const uint Text = 2;

    private readonly OtlpValueText _value = new();
    private readonly int _depth = Math.Clamp(limits.JsonDepth, 1, 512);
    private string? _fault;

    /// <summary>Where the fault was found.</summary>
    public byte* FaultAt { get; private set; }

    /// <summary>Reads a span; returns what is wrong with it, or null.</summary>
    public string? ReadSpan(byte* start, byte* end)
    {
        writer.BeginRecord();
        _fault = null;
        FaultAt = start;
        ref SpanRecord span = ref writer.Record;
        ProtobufFields fields = new(start, end);
        while (fields.Next())
        {
            switch (fields.Tag)
            {
                case (1 << 3) | Text:
                    span.TraceId = ReadTraceId(fields);
                    break;
                case (2 << 3) | Text:
                    span.SpanId = ReadSpanId(fields);
                    break;
                case (3 << 3) | Text:
                    span.TraceState = writer.Attributes.Intern(Utf8Of(fields));
                    break;
                case (4 << 3) | Text:
                    span.ParentSpanId = fields.Length == 8 ? SpanIdOf(fields) : default;
                    span.Flags |= span.ParentSpanId.IsZero && fields.Length > 0 ? SpanFlags.OddParentId : SpanFlags.None;
                    break;
                case (5 << 3) | Text:
                    span.Name = writer.Attributes.Intern(Utf8Of(fields));
                    break;
                case (6 << 3) | Varint:
                    span.Kind = fields.Number <= (ulong)SpanKind.Consumer ? (SpanKind)fields.Number : SpanKind.Unspecified;
                    break;
                case (7 << 3) | Fixed64:
                    span.StartUnixNano = ReadTime(fields);
                    break;
                case (8 << 3) | Fixed64:
                    span.EndUnixNano = ReadTime(fields);
                    break;
                case (9 << 3) | Text:
                    ReadAttribute(fields.Message, writer.Attributes);
                    break;
                case (11 << 3) | Text:
                    ReadEvent(fields.Message);
                    break;
                case (13 << 3) | Text:
                    ReadLink(fields.Message);
                    break;
                case (10 << 3) | Varint:
                case (12 << 3) | Varint:
                case (14 << 3) | Varint:
                    writer.Truncated |= fields.Number != 0;
                    break;
                case (15 << 3) | Text:
                    ReadStatus(fields.Message, ref span);
                    break;
                default:
                    PassOther(fields, lastKnown: 15);
                    break;
            }
        }

        return End(fields, isLog: false);
    }

    /// <summary>Reads a log record; returns what is wrong with it, or null.</summary>
    public string? ReadLog(byte* start, byte* end)
    {
        writer.BeginRecord();
        writer.Log.Clear();
        _fault = null;
        FaultAt = start;
        ref SpanRecord record = ref writer.Record;
        OtlpLogFields log = writer.Log;
        ProtobufFields fields = new(start, end);
        while (fields.Next())
        {
            switch (fields.Tag)
            {
                case (1 << 3) | Fixed64:
                    log.Time = ReadTime(fields);
                    break;
                case (2 << 3) | Varint:
                    log.SeverityNumber = (long)Math.Min(fields.Number, 24);
                    break;
                case (3 << 3) | Text:
                    log.SeverityText = writer.Attributes.Intern(Utf8Of(fields));
                    break;
                case (4 << 3) | Text:
                case (12 << 3) | Text:
                    log.Name = writer.Attributes.Intern(Utf8Of(fields));
                    break;
                case (5 << 3) | Text:
                    ReadBody(fields.Message);
                    break;
                case (6 << 3) | Text:
                    ReadAttribute(fields.Message, writer.Attributes);
                    break;
                case (7 << 3) | Varint:
                    writer.Truncated |= fields.Number != 0;
                    break;
                case (9 << 3) | Text:
                    record.TraceId = fields.Length == 0 ? default : ReadTraceId(fields);
                    break;
                case (10 << 3) | Text:
                    record.SpanId = fields.Length == 0 ? default : ReadSpanId(fields);
                    break;
                case (11 << 3) | Fixed64:
                    log.ObservedTime = ReadTime(fields);
                    break;
                default:
                    PassOther(fields, lastKnown: 7);
                    break;
            }
        }

        return End(fields, isLog: true);
    }

    /// <summary>Reads a resource; returns what is wrong with it, or null.</summary>
    public string? ReadResource(byte* start, byte* end)
    {
        _fault = null;
        FaultAt = start;
        ProtobufFields fields = new(start, end);
        while (fields.Next())
        {
            if (fields.Tag == ((1 << 3) | Text))
            {
                ReadAttribute(fields.Message, writer.ResourceAttributes);
            }
        }

        Note(fields);
        writer.EndResource();
        return _fault;
    }

    /// <summary>Reads an instrumentation scope; returns what is wrong with it, or null.</summary>
    public string? ReadScope(byte* start, byte* end)
    {
        _fault = null;
        FaultAt = start;
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> version = default;
        ProtobufFields fields = new(start, end);
        while (fields.Next())
        {
            switch (fields.Tag)
            {
                case (1 << 3) | Text:
                    name = Utf8Of(fields);
                    break;
                case (2 << 3) | Text:
                    version = Utf8Of(fields);
                    break;
                case (3 << 3) | Text:
                    ReadAttribute(fields.Message, writer.ScopeAttributes);
                    break;
            }
        }

        Note(fields);
        writer.EndScope(name, version);
        return _fault;
    }

    private string? End(in ProtobufFields fields, bool isLog)
    {
        Note(fields);
        string? fault = _fault ?? (isLog ? writer.EndLog() : writer.EndSpan());
        if (fault is not null)
        {
            writer.CancelRecord();
        }

        return fault;
    }

    private void ReadEvent(ProtobufFields fields)
    {
        writer.BeginDetail();
        long time = 0;
        int name = 0;
        while (fields.Next())
        {
            switch (fields.Tag)
            {
                case (1 << 3) | Fixed64:
                    time = ReadTime(fields);
                    break;
                case (2 << 3) | Text:
                    name = writer.DetailAttributes.Intern(Utf8Of(fields));
                    break;
                case (3 << 3) | Text:
                    ReadAttribute(fields.Message, writer.DetailAttributes);
                    break;
                case (4 << 3) | Varint:
                    writer.Truncated |= fields.Number != 0;
                    break;
                default:
                    PassOther(fields, lastKnown: 4);
                    break;
            }
        }

        Note(fields);
        writer.EndEvent(time, name);
    }

    private void ReadLink(ProtobufFields fields)
    {
        writer.BeginDetail();
        TraceId trace = default;
        SpanId span = default;
        while (fields.Next())
        {
            switch (fields.Tag)
            {
                case (1 << 3) | Text:
                    trace = fields.Length == 16 ? TraceIdOf(fields) : default;
                    break;
                case (2 << 3) | Text:
                    span = fields.Length == 8 ? SpanIdOf(fields) : default;
                    break;
                case (4 << 3) | Text:
                    ReadAttribute(fields.Message, writer.DetailAttributes);
                    break;
                case (5 << 3) | Varint:
                    writer.Truncated |= fields.Number != 0;
                    break;
            }
        }

        Note(fields);
        writer.EndLink(trace, span);
    }

    private void ReadStatus(ProtobufFields fields, ref SpanRecord span)
    {
        while (fields.Next())
        {
            switch (fields.Tag)
            {
                case (2 << 3) | Text:
                    span.StatusMessage = writer.Attributes.Intern(Utf8Of(fields));
                    break;
                case (3 << 3) | Varint:
                    span.Status = fields.Number <= (ulong)SpanStatus.Error ? (SpanStatus)fields.Number : SpanStatus.Unset;
                    break;
            }
        }

        Note(fields);
    }

    private void ReadAttribute(ProtobufFields fields, OtlpAttributes attributes)
    {
        int key = 0;
        ProtobufFields value = default;
        while (fields.Next())
        {
            switch (fields.Tag)
            {
                case (1 << 3) | Text:
                    key = attributes.Intern(Utf8Of(fields));
                    break;
                case (2 << 3) | Text:
                    value = fields.Message;
                    break;
                default:
                    PassOther(fields, lastKnown: 2);
                    break;
            }
        }

        Note(fields);
        ReadValue(value, key, attributes);
    }

    private void ReadBody(ProtobufFields fields)
    {
        writer.BeginDetail();
        ReadValue(fields, writer.DetailAttributes.Intern("body"u8), writer.DetailAttributes);
        writer.EndBody();
    }

    private void ReadValue(ProtobufFields fields, int key, OtlpAttributes attributes)
    {
        AttributeKind kind = AttributeKind.Json;
        long bits = -1;
        ProtobufFields nested = fields;
        while (fields.Next())
        {
            switch (fields.Tag)
            {
                case (1 << 3) | Text:
                    kind = AttributeKind.String;
                    bits = attributes.Intern(Utf8Of(fields));
                    break;
                case (2 << 3) | Varint:
                    kind = AttributeKind.Bool;
                    bits = fields.Number != 0 ? 1 : 0;
                    break;
                case (3 << 3) | Varint:
                    kind = AttributeKind.Int64;
                    bits = (long)fields.Number;
                    break;
                case (4 << 3) | Fixed64:
                    kind = AttributeKind.Double;
                    bits = (long)fields.Number;
                    break;
                case (7 << 3) | Text:
                    kind = AttributeKind.Bytes;
                    bits = attributes.InternBase64(fields.Bytes);
                    break;
                case (5 << 3) | Text:
                case (6 << 3) | Text:
                    kind = AttributeKind.Json;
                    bits = -1;
                    break;
                default:
                    PassOther(fields, lastKnown: 7);
                    break;
            }
        }

        Note(fields);
        if (bits >= 0 || kind != AttributeKind.Json)
        {
            attributes.Add(key, kind, bits);
            return;
        }

        _value.Begin();
        WriteValue(nested, 1);
        _value.AddTo(attributes, key, limits.AttributeBytes);
    }

    private void WriteValue(ProtobufFields fields, int depth)
    {
        if (depth > _depth)
        {
            Fail(fields.At, $"values nest deeper than {_depth}");
            return;
        }

        // Of several values the last counts, as protobuf says of a oneof.
        ProtobufFields last = default;
        while (fields.Next())
        {
            last = fields;
        }

        Note(fields);
        switch (last.Tag)
        {
            case (1 << 3) | Text:
                _value.Json.WriteStringValue(Utf8Of(last));
                break;
            case (2 << 3) | Varint:
                _value.Json.WriteBooleanValue(last.Number != 0);
                break;
            case (3 << 3) | Varint:
                _value.Json.WriteNumberValue((long)last.Number);
                break;
            case (4 << 3) | Fixed64:
                _value.Write(BitConverter.UInt64BitsToDouble(last.Number));
                break;
            case (5 << 3) | Text:
                WriteArray(last.Message, depth);
                break;
            case (6 << 3) | Text:
                WriteObject(last.Message, depth);
                break;
            case (7 << 3) | Text:
                _value.Json.WriteBase64StringValue(last.Bytes);
                break;
            default:
                _value.Json.WriteNullValue();
                break;
        }
    }

    private void WriteArray(ProtobufFields fields, int depth)
    {
        _value.Json.WriteStartArray();
        while (fields.Next())
        {
            if (fields.Tag == ((1 << 3) | Text))
            {
                WriteValue(fields.Message, depth + 1);
            }
        }

        Note(fields);
        _value.Json.WriteEndArray();
    }

    private void WriteObject(ProtobufFields fields, int depth)
    {
        _value.Json.WriteStartObject();
        while (fields.Next())
        {
            if (fields.Tag != ((1 << 3) | Text))
            {
                continue;
            }

            ReadOnlySpan<byte> key = default;
            ProtobufFields value = default;
            ProtobufFields pair = fields.Message;
            while (pair.Next())
            {
                if (pair.Tag == ((1 << 3) | Text))
                {
                    key = Utf8Of(pair);
                }
                else if (pair.Tag == ((2 << 3) | Text))
                {
                    value = pair.Message;
                }
            }

            Note(pair);
            _value.Json.WritePropertyName(key);
            WriteValue(value, depth + 1);
        }

        Note(fields);
        _value.Json.WriteEndObject();
    }

    private TraceId ReadTraceId(in ProtobufFields fields)
    {
        if (fields.Length == 16)
        {
            return TraceIdOf(fields);
        }

        Fail(fields.Start, $"traceId has {fields.Length} bytes: expected 16");
        return default;
    }

    private SpanId ReadSpanId(in ProtobufFields fields)
    {
        if (fields.Length == 8)
        {
            return SpanIdOf(fields);
        }

        Fail(fields.Start, $"spanId has {fields.Length} bytes: expected 8");
        return default;
    }

    private static TraceId TraceIdOf(in ProtobufFields fields) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(fields.Bytes), BinaryPrimitives.ReadUInt64BigEndian(fields.Bytes[8..]));

    private static SpanId SpanIdOf(in ProtobufFields fields) => new(BinaryPrimitives.ReadUInt64BigEndian(fields.Bytes));

    /// <summary>Reads a time; one beyond the year 2262 is odd, and none.</summary>
    private long ReadTime(in ProtobufFields fields)
    {
        if (fields.Number <= long.MaxValue)
        {
            return (long)fields.Number;
        }

        writer.Record.Flags |= SpanFlags.OddTime;
        return 0;
    }

    private static ReadOnlySpan<byte> Utf8Of(scoped in ProtobufFields fields) => Utf8Text.Repair(fields.Bytes);

    /// <summary>Passes over a field that is not read, or that is of a type which it never has: then it is lost.</summary>
    private void PassOther(in ProtobufFields fields, uint lastKnown) => writer.Truncated |= fields.Tag >> 3 <= lastKnown;

    private void Note(in ProtobufFields fields)
    {
        if (fields.Fault is not null)
        {
            Fail(fields.At, fields.Fault);
        }
    }

    private void Fail(byte* at, string fault)
    {
        if (_fault is null)
        {
            _fault = fault;
            FaultAt = at;
        }
    }
}
