using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Reads single spans, log records, resources and instrumentation scopes in OTLP's JSON encoding (OTLP specification, "JSON
/// Protobuf Encoding") in place into an <see cref="OtlpRecordWriter"/>. What is wrong with single values is noted and the
/// record read on, so that its end is known; only broken JSON stops it: then methods return null, as <see cref="JsonScanner"/> does.
/// </summary>
internal sealed unsafe class OtlpJsonRecords(ReadLimits limits, JsonScanner json, OtlpRecordWriter writer)
{
    private readonly OtlpValueText _value = new();
    private byte[] _name = [];
    private byte[] _version = [];

    /// <summary>What is wrong with the record that was read last; null if nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Where in the record, as a JSON path from it.</summary>
    public string FaultPath { get; private set; } = string.Empty;

    /// <summary>Reads a span from its opening brace.</summary>
    public byte* ReadSpan(byte* at)
    {
        Begin();
        writer.BeginRecord();
        at = json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = ReadName(at, out OtlpField field);
            at = at is null ? null : ReadSpanField(at, field, ref writer.Record);
            at = at is null ? null : json.EndField(at, out ended);
        }

        return End(at, isLog: false);
    }

    /// <summary>Reads a log record from its opening brace.</summary>
    public byte* ReadLog(byte* at)
    {
        Begin();
        writer.BeginRecord();
        writer.Log.Clear();
        at = json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = ReadName(at, out OtlpField field);
            at = at is null ? null : ReadLogField(at, field, ref writer.Record);
            at = at is null ? null : json.EndField(at, out ended);
        }

        return End(at, isLog: true);
    }

    /// <summary>Reads a resource from its opening brace.</summary>
    public byte* ReadResource(byte* at)
    {
        Begin();
        writer.BeginResource();
        at = json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = ReadName(at, out OtlpField field);
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
        Begin();
        writer.BeginScope();
        _name = [];
        _version = [];
        at = json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = ReadName(at, out OtlpField field);
            at = at is null ? null : field switch
            {
                OtlpField.Name => ReadBytes(at, ".name", out _name),
                OtlpField.Version => ReadBytes(at, ".version", out _version),
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

    private void Begin()
    {
        Fault = null;
        FaultPath = string.Empty;
    }

    private byte* End(byte* at, bool isLog)
    {
        if (at is not null)
        {
            Fault ??= isLog ? writer.EndLog() : writer.EndSpan();
        }

        if (at is null || Fault is not null)
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
                return ReadTraceId(at, ".traceId", out span.TraceId);
            case OtlpField.SpanId:
                return ReadSpanId(at, ".spanId", out span.SpanId);
            case OtlpField.ParentSpanId:
                return ReadSpanId(at, ".parentSpanId", out span.ParentSpanId);
            case OtlpField.Name:
                return ReadText(at, ".name", writer.Attributes, out span.Name);
            case OtlpField.Kind:
                at = ReadEnumeration(at, ".kind", OtlpEnumerations.KindOf, out long kind);
                span.Kind = kind is >= 0 and <= (long)SpanKind.Consumer ? (SpanKind)kind : SpanKind.Unspecified;
                return at;
            case OtlpField.StartTime:
                return ReadTime(at, ".startTimeUnixNano", out span.StartUnixNano);
            case OtlpField.EndTime:
                return ReadTime(at, ".endTimeUnixNano", out span.EndUnixNano);
            case OtlpField.Status:
                return ReadStatus(at, ref span);
            case OtlpField.Events:
                return ReadList(at, ".events", isEvent: true);
            case OtlpField.Links:
                return ReadList(at, ".links", isEvent: false);
            case OtlpField.TraceState:
                return ReadText(at, ".traceState", writer.Attributes, out span.TraceState);
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
                return ReadTraceId(at, ".traceId", out record.TraceId);
            case OtlpField.SpanId:
                return ReadSpanId(at, ".spanId", out record.SpanId);
            case OtlpField.Time:
                at = ReadTime(at, ".timeUnixNano", out number);
                log.Time = number;
                return at;
            case OtlpField.ObservedTime:
                at = ReadTime(at, ".observedTimeUnixNano", out number);
                log.ObservedTime = number;
                return at;
            case OtlpField.SeverityNumber:
                at = ReadEnumeration(at, ".severityNumber", OtlpEnumerations.SeverityOf, out number);
                log.SeverityNumber = Math.Clamp(number, 0, 24);
                return at;
            case OtlpField.SeverityText:
                at = ReadText(at, ".severityText", writer.Attributes, out text);
                log.SeverityText = text;
                return at;
            case OtlpField.Name or OtlpField.EventName:
                at = ReadText(at, ".eventName", writer.Attributes, out text);
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

    private byte* ReadList(byte* at, string path, bool isEvent)
    {
        if (*at != '[')
        {
            return WrongOrNull(at, path, "an array");
        }

        at = json.SkipBlanks(at + 1);
        if (*at == ']')
        {
            return at + 1;
        }

        for (int i = 0; ; i++)
        {
            bool faulty = Fault is not null;
            at = *at != '{' ? Wrong(at, string.Empty, "an object")
                : isEvent ? ReadEvent(at)
                : ReadLink(at);
            if (at is null)
            {
                return null;
            }

            if (!faulty && Fault is not null)
            {
                FaultPath = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]{FaultPath}");
            }

            at = json.EndElement(at, out bool ended);
            if (at is null || ended)
            {
                return at;
            }
        }
    }

    private byte* ReadEvent(byte* at)
    {
        writer.BeginDetail();
        long time = 0;
        int name = 0;
        at = json.BeginObject(at, 3, out bool ended);
        while (at is not null && !ended)
        {
            at = ReadName(at, out OtlpField field);
            at = at is null ? null : field switch
            {
                OtlpField.Time => ReadTime(at, ".timeUnixNano", out time),
                OtlpField.Name => ReadText(at, ".name", writer.DetailAttributes, out name),
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
            at = ReadName(at, out OtlpField field);
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
            return WrongOrNull(at, ".status", "an object");
        }

        long code = 0;
        at = json.BeginObject(at, 2, out bool ended);
        while (at is not null && !ended)
        {
            at = ReadName(at, out OtlpField field);
            at = at is null ? null : field switch
            {
                OtlpField.Code => ReadEnumeration(at, ".status.code", OtlpEnumerations.StatusOf, out code),
                OtlpField.Message => ReadText(at, ".status.message", writer.Attributes, out span.StatusMessage),
                _ => json.SkipValue(at, 3),
            };
            at = at is null ? null : json.EndField(at, out ended);
        }

        span.Status = code is >= 0 and <= (long)SpanStatus.Error ? (SpanStatus)code : SpanStatus.Unset;
        return at;
    }

    private byte* ReadDropped(byte* at)
    {
        at = ReadInteger(at, ".droppedCount", out long count);
        writer.Truncated |= count != 0;
        return at;
    }

    private byte* ReadAttributes(byte* at, OtlpAttributes attributes, int depth)
    {
        if (*at != '[')
        {
            return WrongOrNull(at, ".attributes", "an array of objects with key and value");
        }

        at = json.SkipBlanks(at + 1);
        if (*at == ']')
        {
            return at + 1;
        }

        for (int i = 0; ; i++)
        {
            bool faulty = Fault is not null;
            at = *at == '{' ? ReadAttribute(at, attributes, depth + 1) : Wrong(at, string.Empty, "an object with key and value");
            if (at is null)
            {
                return null;
            }

            if (!faulty && Fault is not null)
            {
                FaultPath = string.Create(CultureInfo.InvariantCulture, $".attributes[{i}]{FaultPath}");
            }

            at = json.EndElement(at, out bool ended);
            if (at is null || ended)
            {
                return at;
            }
        }
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
            at = ReadName(at, out _);
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
            at = ReadName(at, out OtlpField field);
            if (at is null)
            {
                return null;
            }

            if (field == OtlpField.Key)
            {
                at = ReadText(at, ".key", attributes, out key);
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

            return Wrong(at, ".value", "an object such as {\"stringValue\": \"…\"}");
        }

        byte* start = at;
        long startLine = json.Line;
        AttributeKind kind = AttributeKind.Json;
        long bits = -1;
        double number;
        int text;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = ReadName(at, out OtlpField field);
            if (at is null)
            {
                return null;
            }

            switch (*at == 'n' ? OtlpField.Other : field)
            {
                case OtlpField.StringValue:
                    at = ReadText(at, ".value.stringValue", attributes, out text);
                    (kind, bits) = (AttributeKind.String, text);
                    break;
                case OtlpField.IntValue:
                    at = ReadInteger(at, ".value.intValue", out bits);
                    kind = AttributeKind.Int64;
                    break;
                case OtlpField.BoolValue:
                    at = ReadBoolean(at, ".value.boolValue", out bool truth);
                    (kind, bits) = (AttributeKind.Bool, truth ? 1 : 0);
                    break;
                case OtlpField.DoubleValue:
                    at = ReadDouble(at, ".value.doubleValue", out number);
                    (kind, bits) = (AttributeKind.Double, BitConverter.DoubleToInt64Bits(number));
                    break;
                case OtlpField.BytesValue:
                    at = ReadBase64(at, ".value.bytesValue", out byte[] bytes);
                    (kind, bits) = (AttributeKind.Bytes, attributes.InternBase64(bytes));
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

        if (kind != AttributeKind.Json)
        {
            attributes.Add(key, kind, bits);
            return at;
        }

        // The text was checked to be JSON; it is gone through once more now that its end is known.
        long line = json.Line;
        json.Line = startLine;
        _value.Begin();
        if (WriteValue(start, depth) is null)
        {
            return null;
        }

        _value.AddTo(attributes, key, limits.AttributeBytes);
        json.Line = line;
        return at;
    }

    private byte* WriteValue(byte* at, int depth)
    {
        if (*at != '{')
        {
            _value.Json.WriteNullValue();
            return *at == 'n' ? json.SkipWord(at, "null"u8) : Wrong(at, ".value", "an object such as {\"stringValue\": \"…\"}");
        }

        // Of several values the last counts, as protobuf says of a oneof.
        OtlpField last = OtlpField.Other;
        byte* value = null;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = ReadName(at, out OtlpField field);
            if (at is null)
            {
                return null;
            }

            if (field != OtlpField.Other && *at != 'n')
            {
                last = field;
                value = at;
            }

            at = json.SkipValue(at, depth + 1);
            at = at is null ? null : json.EndField(at, out ended);
        }

        return at is not null && WriteField(last, value, depth) ? at : null;
    }

    private bool WriteField(OtlpField field, byte* value, int depth)
    {
        switch (field)
        {
            case OtlpField.StringValue when *value == '"':
                if (json.ReadString(value + 1, out byte* text, out int length) is null)
                {
                    return false;
                }

                _value.Json.WriteStringValue(new ReadOnlySpan<byte>(text, length));
                return true;
            case OtlpField.IntValue:
                ReadInteger(value, ".value.intValue", out long integer);
                _value.Json.WriteNumberValue(integer);
                return true;
            case OtlpField.BoolValue:
                ReadBoolean(value, ".value.boolValue", out bool truth);
                _value.Json.WriteBooleanValue(truth);
                return true;
            case OtlpField.DoubleValue:
                ReadDouble(value, ".value.doubleValue", out double number);
                _value.Write(number);
                return true;
            case OtlpField.BytesValue:
                ReadBase64(value, ".value.bytesValue", out byte[] bytes);
                _value.Json.WriteBase64StringValue(bytes);
                return true;
            case OtlpField.ArrayValue when *value == '{':
                return WriteList(value, depth + 1, isObject: false);
            case OtlpField.KeyValueListValue when *value == '{':
                return WriteList(value, depth + 1, isObject: true);
            case OtlpField.Other:
                _value.Json.WriteNullValue();
                return true;
            default:
                _value.Json.WriteNullValue();
                Wrong(value, ".value", "a value of the kind that its field's name says");
                return true;
        }
    }

    /// <summary>Writes the <c>values</c> of an array or of a list of key-value pairs, which is JSON already.</summary>
    private bool WriteList(byte* at, int depth, bool isObject)
    {
        byte* values = null;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = ReadName(at, out OtlpField field);
            values = field == OtlpField.Values ? at : values;
            at = at is null ? null : json.SkipValue(at, depth + 1);
            at = at is null ? null : json.EndField(at, out ended);
        }

        if (at is null)
        {
            return false;
        }

        if (isObject)
        {
            _value.Json.WriteStartObject();
        }
        else
        {
            _value.Json.WriteStartArray();
        }

        bool written = values is null || *values != '[' || WriteElements(values, depth + 1, isObject);
        if (isObject)
        {
            _value.Json.WriteEndObject();
        }
        else
        {
            _value.Json.WriteEndArray();
        }

        return written;
    }

    private bool WriteElements(byte* at, int depth, bool isObject)
    {
        at = json.SkipBlanks(at + 1);
        bool ended = *at == ']';
        while (at is not null && !ended)
        {
            at = isObject ? WritePair(at, depth + 1) : WriteValue(at, depth + 1);
            at = at is null ? null : json.EndElement(at, out ended);
        }

        return at is not null;
    }

    private byte* WritePair(byte* at, int depth)
    {
        if (*at != '{')
        {
            return Wrong(at, ".value.kvlistValue", "an array of objects with key and value");
        }

        byte* key = null;
        byte* value = null;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = ReadName(at, out OtlpField field);
            key = field == OtlpField.Key ? at : key;
            value = field == OtlpField.Value ? at : value;
            at = at is null ? null : json.SkipValue(at, depth + 1);
            at = at is null ? null : json.EndField(at, out ended);
        }

        if (at is null)
        {
            return null;
        }

        byte* text = null;
        int length = 0;
        if (key is not null && *key == '"')
        {
            json.ReadString(key + 1, out text, out length);
        }

        _value.Json.WritePropertyName(new ReadOnlySpan<byte>(text, length));
        if (value is null)
        {
            _value.Json.WriteNullValue();
            return at;
        }

        return WriteValue(value, depth + 1) is null ? null : at;
    }

    private byte* ReadTraceId(byte* at, string path, out TraceId id)
    {
        id = default;
        if (*at != '"')
        {
            return WrongOrNull(at, path, "32 hex digits");
        }

        at = json.ReadString(at + 1, out byte* text, out int length);
        if (at is not null && length > 0 && !OtlpJsonId.TryParse(text, length, out id))
        {
            Note(path, $"expected 32 hex digits, not {length} characters like that");
        }

        return at;
    }

    private byte* ReadSpanId(byte* at, string path, out SpanId id)
    {
        id = default;
        if (*at != '"')
        {
            return WrongOrNull(at, path, "16 hex digits");
        }

        at = json.ReadString(at + 1, out byte* text, out int length);
        if (at is not null && length > 0 && !OtlpJsonId.TryParse(text, length, out id))
        {
            Note(path, $"expected 16 hex digits, not {length} characters like that");
        }

        return at;
    }

    private byte* ReadTime(byte* at, string path, out long nano)
    {
        at = ReadInteger(at, path, out nano);
        if (nano < 0)
        {
            nano = 0;
            Note(path, "expected nanoseconds since 1970");
        }

        return at;
    }

    private byte* ReadText(byte* at, string path, OtlpAttributes attributes, out int text)
    {
        text = 0;
        if (*at != '"')
        {
            return WrongOrNull(at, path, "a string");
        }

        at = json.ReadString(at + 1, out byte* start, out int length);
        if (at is not null)
        {
            text = attributes.Intern(new ReadOnlySpan<byte>(start, length));
        }

        return at;
    }

    private byte* ReadBytes(byte* at, string path, out byte[] bytes)
    {
        bytes = [];
        if (*at != '"')
        {
            return WrongOrNull(at, path, "a string");
        }

        at = json.ReadString(at + 1, out byte* start, out int length);
        if (at is not null)
        {
            bytes = new ReadOnlySpan<byte>(start, length).ToArray();
        }

        return at;
    }

    private byte* ReadBoolean(byte* at, string path, out bool truth)
    {
        truth = *at == 't';
        return *at switch
        {
            (byte)'t' => json.SkipWord(at, "true"u8),
            (byte)'f' => json.SkipWord(at, "false"u8),
            _ => WrongOrNull(at, path, "true or false"),
        };
    }

    /// <summary>Reads an integer of 64 bits, written as a number or, since JavaScript's numbers have 53 bits only, as a string.</summary>
    private byte* ReadInteger(byte* at, string path, out long value)
    {
        value = 0;
        if (*at == '"')
        {
            at = json.ReadString(at + 1, out byte* text, out int length);
            if (at is not null && !TryParseInteger(new ReadOnlySpan<byte>(text, length), out value))
            {
                Note(path, "expected an integer of at most 63 bits and a sign");
            }

            return at;
        }

        if (*at != '-' && (uint)(*at - '0') > 9)
        {
            return WrongOrNull(at, path, "an integer, as a number or string");
        }

        at = json.ReadNumber(at, out AttributeKind kind, out long bits);
        double number = kind == AttributeKind.Double ? BitConverter.Int64BitsToDouble(bits) : 0;
        if (at is not null && kind == AttributeKind.Int64)
        {
            value = bits;
        }
        else if (at is not null && kind == AttributeKind.Double && number == Math.Floor(number) && Math.Abs(number) < 9.2e18)
        {
            value = (long)number;
        }
        else if (at is not null)
        {
            Note(path, "expected an integer of at most 63 bits and a sign");
        }

        return at;
    }

    private static bool TryParseInteger(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out int used) && used == text.Length;

    private byte* ReadDouble(byte* at, string path, out double value)
    {
        value = 0;
        if (*at == '"')
        {
            at = json.ReadString(at + 1, out byte* start, out int length);
            ReadOnlySpan<byte> text = at is null ? default : new ReadOnlySpan<byte>(start, length);
            if (at is not null && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            {
                Note(path, "expected a number");
            }

            return at;
        }

        if (*at != '-' && (uint)(*at - '0') > 9)
        {
            return WrongOrNull(at, path, "a number");
        }

        byte* first = at;
        at = json.ReadNumber(at, out AttributeKind kind, out long bits);
        if (at is not null)
        {
            value = kind switch
            {
                AttributeKind.Double => BitConverter.Int64BitsToDouble(bits),
                AttributeKind.Int64 when *first != '-' || bits != 0 => bits,
                _ => double.Parse(new ReadOnlySpan<byte>(first, (int)(at - first)), NumberStyles.Float, CultureInfo.InvariantCulture),
            };
        }

        return at;
    }

    private byte* ReadBase64(byte* at, string path, out byte[] bytes)
    {
        bytes = [];
        if (*at != '"')
        {
            return WrongOrNull(at, path, "base64");
        }

        at = json.ReadString(at + 1, out byte* start, out int length);
        if (at is not null && !OtlpJsonId.TryDecode(new ReadOnlySpan<byte>(start, length), out bytes))
        {
            Note(path, "expected base64");
        }

        return at;
    }

    private byte* ReadEnumeration(byte* at, string path, OtlpEnumerations.Lookup valueOf, out long value)
    {
        if (*at != '"')
        {
            return ReadInteger(at, path, out value);
        }

        value = 0;
        at = json.ReadString(at + 1, out byte* text, out int length);
        ReadOnlySpan<byte> name = at is null ? default : new ReadOnlySpan<byte>(text, length);
        if (at is not null && !TryParseInteger(name, out value))
        {
            value = valueOf(Encoding.UTF8.GetString(name));
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* ReadName(byte* at, out OtlpField field)
    {
        field = OtlpField.Other;
        if (*at != '"')
        {
            return json.Fail(at, "a field's name in quotes is expected");
        }

        at = json.ReadString(at + 1, out byte* text, out int length);
        if (at is null)
        {
            return null;
        }

        field = OtlpFieldNames.Of(new ReadOnlySpan<byte>(text, length));
        return json.PassColon(at);
    }

    /// <summary>Null stands for the field's default in protobuf's JSON.</summary>
    private byte* WrongOrNull(byte* at, string path, string expected) =>
        *at == 'n' ? json.SkipWord(at, "null"u8) : Wrong(at, path, expected);

    private byte* Wrong(byte* at, string path, string expected)
    {
        byte* behind = json.SkipValue(at, 3);
        if (behind is not null)
        {
            Note(path, $"expected {expected}");
        }

        return behind;
    }

    private void Note(string path, string fault)
    {
        if (Fault is null)
        {
            Fault = fault;
            FaultPath = path;
        }
    }
}
