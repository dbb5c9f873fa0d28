using System.Globalization;
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
            return WriteRaw(at, depth);
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
            case OtlpField.BytesValue when *value == '"':
                return WriteBytes(value);
            case OtlpField.IntValue when fields.ReadInteger(value, out long integer, out bool isInteger) is not null && isInteger:
                written.Json.WriteNumberValue(integer);
                return true;
            case OtlpField.DoubleValue when TryReadDouble(value, depth, out double number):
                written.Write(number);
                return true;
            case OtlpField.ArrayValue when *value == '{':
                return WriteList(value, depth + 1, isObject: false);
            case OtlpField.KeyValueListValue when *value == '{':
                return WriteList(value, depth + 1, isObject: true);
            case OtlpField.Other:
                written.Json.WriteNullValue();
                return true;
            default:
                return WriteRaw(value, depth + 1) is not null;
        }
    }

    private bool TryReadDouble(byte* at, int depth, out double value)
    {
        value = 0;
        return json.ReadScalar(at, depth + 1, out ReadOnlySpan<byte> text) is not null && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    private bool WriteBytes(byte* at)
    {
        if (json.ReadString(at + 1, out byte* text, out int length) is null)
        {
            return false;
        }

        ReadOnlySpan<byte> value = new(text, length);
        if (OtlpJsonId.TryDecode(value, out byte[] bytes))
        {
            written.Json.WriteBase64StringValue(bytes);
        }
        else
        {
            written.Json.WriteStringValue(value);
        }

        return true;
    }

    /// <summary>Writes what is no value of OTLP as it stands, texts in one spelling.</summary>
    private byte* WriteRaw(byte* at, int depth)
    {
        if (*at == '"')
        {
            byte* behind = json.ReadString(at + 1, out byte* text, out int length);
            if (behind is not null)
            {
                written.Json.WriteStringValue(new ReadOnlySpan<byte>(text, length));
            }

            return behind;
        }

        byte* end = json.SkipValue(at, depth);
        if (end is not null)
        {
            written.Json.WriteRawValue(json.Repair(new ReadOnlySpan<byte>(at, (int)(end - at))), skipInputValidation: true);
        }

        return end;
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
            return fields.Lose(at, depth);
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
