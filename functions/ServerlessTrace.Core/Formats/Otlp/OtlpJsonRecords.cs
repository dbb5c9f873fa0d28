using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Reads single spans, log records, resources and instrumentation scopes in OTLP's JSON encoding (OTLP specification, "JSON
/// Protobuf Encoding") in place into an <see cref="OtlpRecordWriter"/>. What is wrong with single values costs no more than these, as
/// <see cref="OtlpJsonFields"/> says; only broken JSON stops reading: then methods return null, as <see cref="JsonScanner"/> does.
/// </summary>
internal sealed unsafe class OtlpJsonRecords(ReadLimits limits, JsonScanner json, OtlpRecordWriter writer)
{
    private readonly OtlpJsonFields _fields = new(json);
    private readonly OtlpValueText _value = new();
    private OtlpJsonValueWriter? _writer;
    private byte[] _name = [];
    private byte[] _version = [];
    private string? _fault;

    /// <summary>What is wrong with the record that was read last; null if nothing is.</summary>
    public string? Fault => _fault;

    /// <summary>Where in the record, as a JSON path from it.</summary>
    public string FaultPath => _fields.FaultPath;

    /// <summary>Reads a span from its opening brace.</summary>
    public byte* ReadSpan(byte* at)
    {
        _fields.Begin();
        writer.BeginRecord();
        at = json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = _fields.ReadName(at, out OtlpField field);
            at = at is null ? null : ReadSpanField(at, field, ref writer.Record);
            at = at is null ? null : json.EndField(at, out ended);
        }

        return End(at, isLog: false);
    }

    /// <summary>Reads a log record from its opening brace.</summary>
    public byte* ReadLog(byte* at)
    {
        _fields.Begin();
        writer.BeginRecord();
        writer.Log.Clear();
        at = json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = _fields.ReadName(at, out OtlpField field);
            at = at is null ? null : ReadLogField(at, field, ref writer.Record);
            at = at is null ? null : json.EndField(at, out ended);
        }

        return End(at, isLog: true);
    }

    /// <summary>Reads a resource from its opening brace.</summary>
    public byte* ReadResource(byte* at)
    {
        _fields.Begin();
        writer.BeginResource();
        at = json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = _fields.ReadName(at, out OtlpField field);
            at = at is null ? null
                : field == OtlpField.Attributes ? ReadAttributes(at, writer.ResourceAttributes, 2)
                : json.SkipValue(at, 2);
            at = at is null ? null : json.EndField(at, out ended);
        }

        if (at is not null)
        {
            writer.EndResource();
        }

        return at;
    }

    /// <summary>Reads an instrumentation scope from its opening brace.</summary>
    public byte* ReadScope(byte* at)
    {
        _fields.Begin();
        writer.BeginScope();
        _name = [];
        _version = [];
        at = json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = _fields.ReadName(at, out OtlpField field);
            at = at is null ? null : field switch
            {
                OtlpField.Name => _fields.ReadBytes(at, out _name),
                OtlpField.Version => _fields.ReadBytes(at, out _version),
                OtlpField.Attributes => ReadAttributes(at, writer.ScopeAttributes, 2),
                _ => json.SkipValue(at, 2),
            };
            at = at is null ? null : json.EndField(at, out ended);
        }

        if (at is not null)
        {
            writer.EndScope(_name, _version);
        }

        return at;
    }

    private byte* End(byte* at, bool isLog)
    {
        writer.Truncated |= _fields.Lost;
        writer.Record.Flags |= _fields.Odd;
        _fault = at is null ? null : _fields.Fault ?? (isLog ? writer.EndLog() : writer.EndSpan());
        if (at is null || _fault is not null)
        {
            writer.CancelRecord();
        }

        return at;
    }

    private byte* ReadSpanField(byte* at, OtlpField field, ref SpanRecord span)
    {
        switch (field)
        {
            case OtlpField.Attributes:
                return ReadAttributes(at, writer.Attributes, 2);
            case OtlpField.TraceId:
                return _fields.ReadTraceId(at, ".traceId", out span.TraceId);
            case OtlpField.SpanId:
                return _fields.ReadSpanId(at, ".spanId", out span.SpanId);
            case OtlpField.ParentSpanId:
                return _fields.ReadParentId(at, out span.ParentSpanId);
            case OtlpField.Name:
                return _fields.ReadText(at, writer.Attributes, out span.Name);
            case OtlpField.Kind:
                at = _fields.ReadEnumeration(at, OtlpEnumerations.KindOf, out long kind);
                span.Kind = kind is >= 0 and <= (long)SpanKind.Consumer ? (SpanKind)kind : SpanKind.Unspecified;
                return at;
            case OtlpField.StartTime:
                return _fields.ReadTime(at, out span.StartUnixNano);
            case OtlpField.EndTime:
                return _fields.ReadTime(at, out span.EndUnixNano);
            case OtlpField.Status:
                return ReadStatus(at, ref span);
            case OtlpField.Events:
                return ReadList(at, isEvent: true);
            case OtlpField.Links:
                return ReadList(at, isEvent: false);
            case OtlpField.TraceState:
                return _fields.ReadText(at, writer.Attributes, out span.TraceState);
            case OtlpField.DroppedCount:
                return ReadDropped(at);
            default:
                return json.SkipValue(at, 2);
        }
    }

    private byte* ReadLogField(byte* at, OtlpField field, ref SpanRecord record)
    {
        OtlpLogFields log = writer.Log;
        long number;
        int text;
        switch (field)
        {
            case OtlpField.Attributes:
                return ReadAttributes(at, writer.Attributes, 2);
            case OtlpField.TraceId:
                return _fields.ReadTraceId(at, ".traceId", out record.TraceId);
            case OtlpField.SpanId:
                return _fields.ReadSpanId(at, ".spanId", out record.SpanId);
            case OtlpField.Time:
                at = _fields.ReadTime(at, out number);
                log.Time = number;
                return at;
            case OtlpField.ObservedTime:
                at = _fields.ReadTime(at, out number);
                log.ObservedTime = number;
                return at;
            case OtlpField.SeverityNumber:
                at = _fields.ReadEnumeration(at, OtlpEnumerations.SeverityOf, out number);
                log.SeverityNumber = Math.Clamp(number, 0, 24);
                return at;
            case OtlpField.SeverityText:
                at = _fields.ReadText(at, writer.Attributes, out text);
                log.SeverityText = text;
                return at;
            case OtlpField.Name or OtlpField.EventName:
                at = _fields.ReadText(at, writer.Attributes, out text);
                log.Name = text;
                return at;
            case OtlpField.Body:
                return ReadBody(at);
            case OtlpField.DroppedCount:
                return ReadDropped(at);
            default:
                return json.SkipValue(at, 2);
        }
    }

    private byte* ReadBody(byte* at)
    {
        writer.BeginDetail();
        at = ReadValue(at, writer.DetailAttributes.Intern("body"u8), writer.DetailAttributes, 2);
        if (at is not null)
        {
            writer.EndBody();
        }

        return at;
    }

    private byte* ReadList(byte* at, bool isEvent)
    {
        if (*at != '[')
        {
            return _fields.Lose(at, 2);
        }

        at = json.BeginArray(at, 2, out bool ended);
        while (at is not null && !ended)
        {
            at = *at != '{' ? _fields.Lose(at, 3) : isEvent ? ReadEvent(at) : ReadLink(at);
            at = at is null ? null : json.EndElement(at, out ended);
        }

        return at;
    }

    private byte* ReadEvent(byte* at)
    {
        writer.BeginDetail();
        long time = 0;
        int name = 0;
        at = json.BeginObject(at, 3, out bool ended);
        while (at is not null && !ended)
        {
            at = _fields.ReadName(at, out OtlpField field);
            at = at is null ? null : field switch
            {
                OtlpField.Time => _fields.ReadTime(at, out time),
                OtlpField.Name => _fields.ReadText(at, writer.DetailAttributes, out name),
                OtlpField.Attributes => ReadAttributes(at, writer.DetailAttributes, 4),
                OtlpField.DroppedCount => ReadDropped(at),
                _ => json.SkipValue(at, 4),
            };
            at = at is null ? null : json.EndField(at, out ended);
        }

        if (at is not null)
        {
            writer.EndEvent(time, name);
        }

        return at;
    }

    private byte* ReadLink(byte* at)
    {
        writer.BeginDetail();
        TraceId trace = default;
        SpanId span = default;
        at = json.BeginObject(at, 3, out bool ended);
        while (at is not null && !ended)
        {
            at = _fields.ReadName(at, out OtlpField field);
            at = at is null ? null : field switch
            {
                OtlpField.TraceId => ReadLinkId(at, out trace),
                OtlpField.SpanId => ReadLinkId(at, out span),
                OtlpField.Attributes => ReadAttributes(at, writer.DetailAttributes, 4),
                OtlpField.DroppedCount => ReadDropped(at),
                _ => json.SkipValue(at, 4),
            };
            at = at is null ? null : json.EndField(at, out ended);
        }

        if (at is not null)
        {
            writer.EndLink(trace, span);
        }

        return at;
    }

    private byte* ReadLinkId(byte* at, out TraceId id)
    {
        id = default;
        if (*at != '"')
        {
            return json.SkipValue(at, 4);
        }

        at = json.ReadString(at + 1, out byte* text, out int length);
        _ = at is not null && OtlpJsonId.TryParse(text, length, out id);
        return at;
    }

    private byte* ReadLinkId(byte* at, out SpanId id)
    {
        id = default;
        if (*at != '"')
        {
            return json.SkipValue(at, 4);
        }

        at = json.ReadString(at + 1, out byte* text, out int length);
        _ = at is not null && OtlpJsonId.TryParse(text, length, out id);
        return at;
    }

    private byte* ReadStatus(byte* at, ref SpanRecord span)
    {
        if (*at != '{')
        {
            at = _fields.ReadEnumeration(at, OtlpEnumerations.StatusOf, out long plain);
            span.Status = plain is >= 0 and <= (long)SpanStatus.Error ? (SpanStatus)plain : SpanStatus.Unset;
            return at;
        }

        long code = 0;
        at = json.BeginObject(at, 2, out bool ended);
        while (at is not null && !ended)
        {
            at = _fields.ReadName(at, out OtlpField field);
            at = at is null ? null : field switch
            {
                OtlpField.Code => _fields.ReadEnumeration(at, OtlpEnumerations.StatusOf, out code),
                OtlpField.Message => _fields.ReadText(at, writer.Attributes, out span.StatusMessage),
                _ => json.SkipValue(at, 3),
            };
            at = at is null ? null : json.EndField(at, out ended);
        }

        span.Status = code is >= 0 and <= (long)SpanStatus.Error ? (SpanStatus)code : SpanStatus.Unset;
        return at;
    }

    private byte* ReadDropped(byte* at)
    {
        at = _fields.ReadInteger(at, out long count, out _);
        writer.Truncated |= count != 0;
        return at;
    }

    private byte* ReadAttributes(byte* at, OtlpAttributes attributes, int depth)
    {
        if (*at != '[')
        {
            return *at == '{' ? ReadPlainAttributes(at, attributes, depth) : _fields.Lose(at, depth);
        }

        at = json.SkipBlanks(at + 1);
        if (*at == ']')
        {
            return at + 1;
        }

        while (true)
        {
            bool ended = false;
            at = *at == '{' ? ReadAttribute(at, attributes, depth + 1) : _fields.Lose(at, depth + 1);
            at = at is null ? null : json.EndElement(at, out ended);
            if (at is null || ended)
            {
                return at;
            }
        }
    }

    /// <summary>Reads attributes that are an object's fields, as protobuf's JSON would never have them.</summary>
    private byte* ReadPlainAttributes(byte* at, OtlpAttributes attributes, int depth)
    {
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            if (*at != '"')
            {
                return json.Fail(at, "a field's name in quotes is expected");
            }

            at = json.ReadString(at + 1, out byte* text, out int length);
            int key = at is null ? 0 : attributes.Intern(new ReadOnlySpan<byte>(text, length));
            at = at is null ? null : json.PassColon(at);
            if (at is not null)
            {
                at = _fields.ReadPlain(at, attributes, depth + 1, out AttributeKind kind, out long bits);
                attributes.Add(key, kind, bits);
            }

            at = at is null ? null : json.EndField(at, out ended);
        }

        return at;
    }

    /// <summary>Reads an object with <c>key</c> and <c>value</c>; nearly all are written in the one way that is looked for first.</summary>
    private byte* ReadAttribute(byte* at, OtlpAttributes attributes, int depth)
    {
        if (!JsonScanner.Stands(at, "{\"key\":\""u8))
        {
            return ReadAttributeOfAnyForm(at, attributes, depth);
        }

        byte* behind = json.ReadString(at + 8, out byte* text, out int length);
        if (behind is null)
        {
            return null;
        }

        int key = attributes.Intern(new ReadOnlySpan<byte>(text, length));
        if (!JsonScanner.Stands(behind, ",\"value\":"u8))
        {
            return ReadAttributeOfAnyForm(at, attributes, depth);
        }

        behind += 9;
        if (JsonScanner.Stands(behind, "{\"stringValue\":\""u8))
        {
            byte* end = json.ReadString(behind + 16, out text, out length);
            if (end is null)
            {
                return null;
            }

            if (*end == '}' && end[1] == '}')
            {
                attributes.Add(key, AttributeKind.String, attributes.Intern(new ReadOnlySpan<byte>(text, length)));
                return end + 2;
            }

            return ReadAttributeOfAnyForm(at, attributes, depth);
        }

        behind = ReadValue(behind, key, attributes, depth + 1);
        if (behind is null)
        {
            return null;
        }

        return *behind == '}' ? behind + 1 : EndObject(behind, depth);
    }

    /// <summary>Passes what follows the fields that were read of an object.</summary>
    private byte* EndObject(byte* at, int depth)
    {
        at = json.EndField(at, out bool ended);
        while (at is not null && !ended)
        {
            at = _fields.ReadName(at, out _);
            at = at is null ? null : json.SkipValue(at, depth + 1);
            at = at is null ? null : json.EndField(at, out ended);
        }

        return at;
    }

    private byte* ReadAttributeOfAnyForm(byte* at, OtlpAttributes attributes, int depth)
    {
        int key = -1;
        byte* pending = null;
        bool read = false;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = _fields.ReadName(at, out OtlpField field);
            if (at is null)
            {
                return null;
            }

            if (field == OtlpField.Key)
            {
                at = _fields.ReadText(at, attributes, out key);
            }
            else if (field == OtlpField.Value && key >= 0)
            {
                at = ReadValue(at, key, attributes, depth + 1);
                read = true;
            }
            else
            {
                pending = field == OtlpField.Value ? at : pending;
                at = json.SkipValue(at, depth + 1);
            }

            at = at is null ? null : json.EndField(at, out ended);
        }

        if (at is not null && !read)
        {
            long line = json.Line;
            if (pending is null)
            {
                attributes.Add(Math.Max(key, 0), AttributeKind.Json, attributes.Intern("null"u8));
            }
            else if (ReadValue(pending, Math.Max(key, 0), attributes, depth + 1) is null)
            {
                return null;
            }

            json.Line = line;
        }

        return at;
    }

    private byte* ReadValue(byte* at, int key, OtlpAttributes attributes, int depth)
    {
        if (*at != '{')
        {
            if (*at == 'n')
            {
                attributes.Add(key, AttributeKind.Json, attributes.Intern("null"u8));
                return json.SkipWord(at, "null"u8);
            }

            at = _fields.ReadPlain(at, attributes, depth, out AttributeKind plain, out long value);
            attributes.Add(key, plain, value);
            return at;
        }

        byte* start = at;
        long startLine = json.Line;
        AttributeKind kind = AttributeKind.Json;
        long bits = -1;
        int text;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = _fields.ReadName(at, out OtlpField field);
            if (at is null)
            {
                return null;
            }

            switch (*at == 'n' ? OtlpField.Other : field)
            {
                case OtlpField.StringValue when *at == '"':
                    at = _fields.ReadText(at, attributes, out text);
                    (kind, bits) = (AttributeKind.String, text);
                    break;
                case OtlpField.StringValue:
                    at = _fields.ReadPlain(at, attributes, depth + 1, out kind, out bits);
                    break;
                case OtlpField.IntValue:
                    at = _fields.ReadIntegerValue(at, attributes, depth + 1, out kind, out bits);
                    break;
                case OtlpField.BoolValue:
                    at = _fields.ReadBooleanValue(at, attributes, depth + 1, out kind, out bits);
                    break;
                case OtlpField.DoubleValue:
                    at = _fields.ReadDoubleValue(at, attributes, depth + 1, out kind, out bits);
                    break;
                case OtlpField.BytesValue:
                    at = _fields.ReadBytesValue(at, attributes, depth + 1, out kind, out bits);
                    break;
                case OtlpField.ArrayValue or OtlpField.KeyValueListValue:
                    (kind, bits) = (AttributeKind.Json, -1);
                    at = json.SkipValue(at, depth + 1);
                    break;
                default:
                    at = json.SkipValue(at, depth + 1);
                    break;
            }

            at = at is null ? null : json.EndField(at, out ended);
        }

        if (at is null)
        {
            return null;
        }

        if (kind != AttributeKind.Json || bits >= 0)
        {
            attributes.Add(key, kind, bits);
            return at;
        }

        // The text was checked to be JSON; it is gone through once more now that its end is known.
        long line = json.Line;
        json.Line = startLine;
        _value.Begin();
        if ((_writer ??= new OtlpJsonValueWriter(json, _fields, _value)).WriteValue(start, depth) is null)
        {
            return null;
        }

        _value.AddTo(attributes, key, limits.AttributeBytes);
        json.Line = line;
        return at;
    }
}
