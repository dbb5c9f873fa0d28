using ServerlessTrace.Core.Formats.Json;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>Writes nested values of OTLP's JSON encoding, arrays and lists of key-value pairs, as the plain JSON that they mean.</summary>
/// <param name="json">How they are read.</param>
/// <param name="fields">How their names and single values are read.</param>
/// <param name="written">Where they are written.</param>
internal sealed unsafe class OtlpJsonValueWriter(JsonScanner json, OtlpJsonFields fields, OtlpValueText written)
{
    /// <summary>Writes a value that is JSON.</summary>
    public byte* WriteValue(byte* at, int depth)
    {
        if (*at != '{')
        {
            written.Json.WriteNullValue();
            return *at == 'n' ? json.SkipWord(at, "null"u8) : fields.Wrong(at, ".value", "an object such as {\"stringValue\": \"…\"}");
        }

        // Of several values the last counts, as protobuf says of a oneof.
        OtlpField last = OtlpField.Other;
        byte* value = null;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = fields.ReadName(at, out OtlpField field);
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

                written.Json.WriteStringValue(new ReadOnlySpan<byte>(text, length));
                return true;
            case OtlpField.IntValue:
                fields.ReadInteger(value, ".value.intValue", out long integer);
                written.Json.WriteNumberValue(integer);
                return true;
            case OtlpField.BoolValue:
                fields.ReadBoolean(value, ".value.boolValue", out bool truth);
                written.Json.WriteBooleanValue(truth);
                return true;
            case OtlpField.DoubleValue:
                fields.ReadDouble(value, ".value.doubleValue", out double number);
                written.Write(number);
                return true;
            case OtlpField.BytesValue:
                fields.ReadBase64(value, ".value.bytesValue", out byte[] bytes);
                written.Json.WriteBase64StringValue(bytes);
                return true;
            case OtlpField.ArrayValue when *value == '{':
                return WriteList(value, depth + 1, isObject: false);
            case OtlpField.KeyValueListValue when *value == '{':
                return WriteList(value, depth + 1, isObject: true);
            case OtlpField.Other:
                written.Json.WriteNullValue();
                return true;
            default:
                written.Json.WriteNullValue();
                fields.Wrong(value, ".value", "a value of the kind that its field's name says");
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
            at = fields.ReadName(at, out OtlpField field);
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
            written.Json.WriteStartObject();
        }
        else
        {
            written.Json.WriteStartArray();
        }

        bool whole = values is null || *values != '[' || WriteElements(values, depth + 1, isObject);
        if (isObject)
        {
            written.Json.WriteEndObject();
        }
        else
        {
            written.Json.WriteEndArray();
        }

        return whole;
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
            return fields.Wrong(at, ".value.kvlistValue", "an array of objects with key and value");
        }

        byte* key = null;
        byte* value = null;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = fields.ReadName(at, out OtlpField field);
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

        written.Json.WritePropertyName(new ReadOnlySpan<byte>(text, length));
        if (value is null)
        {
            written.Json.WriteNullValue();
            return at;
        }

        return WriteValue(value, depth + 1) is null ? null : at;
    }
}
