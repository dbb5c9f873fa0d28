using System.Buffers.Text;
using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>
/// Reads tags: <c>[{"key", "type", "value"}]</c>. The type says <c>binary</c> of what else were text, and what a text is the value of: integers beyond
/// 2^53 are texts, since browsers could not read them, and so is everything that was stored in Elasticsearch.
/// </summary>
internal sealed unsafe class JaegerTags(AttributeReader values, JsonScanner json)
{
    /// <summary>Reads an array of tags; anything else is passed.</summary>
    public byte* Read(byte* at, JaegerKeys keys, FieldKey<JaegerField> tags, int place, AttributeList list, int depth)
    {
        if (*at != '[')
        {
            return json.SkipValue(at, depth);
        }

        FieldKey<JaegerField> name = tags.Beginning;
        at = json.BeginArray(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = *at == '{' ? ReadTag(at, keys, tags, ref name, place, list, depth + 1) : json.SkipValue(at, depth + 1);
            at = at is null ? null : json.EndElement(at, out ended);
        }

        return at;
    }

    /// <summary>Reads a tag; nearly all are texts, written in the one way that is looked for first.</summary>
    private byte* ReadTag(
        byte* at, JaegerKeys keys, FieldKey<JaegerField> tags, ref FieldKey<JaegerField> name, int place, AttributeList list, int depth)
    {
        if (JsonScanner.Stands(at, "{\"key\":\""u8))
        {
            byte* behind = keys.ReadName(at + 8, ref name, place);
            if (behind is null)
            {
                return null;
            }

            if (JsonScanner.Stands(behind, ",\"type\":\"string\",\"value\":\""u8))
            {
                behind = values.Read(behind + 25, name.Attribute, list, depth);
                if (behind is null || *behind == '}')
                {
                    return behind is null ? null : behind + 1;
                }
            }
        }

        return ReadTagOfAnyForm(at, keys, tags, place, list, depth);
    }

    private byte* ReadTagOfAnyForm(byte* at, JaegerKeys keys, FieldKey<JaegerField> tags, int place, AttributeList list, int depth)
    {
        byte* name = null;
        byte* value = null;
        JaegerType type = JaegerType.Unknown;
        FieldKey<JaegerField> key = keys.Beginning;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = keys.ReadKey(at, ref key, JaegerKeys.Fields);
            if (at is null)
            {
                return null;
            }

            ReadOnlySpan<byte> text = default;
            name = key.Field == JaegerField.Key ? at : name;
            value = key.Field == JaegerField.Value ? at : value;
            at = key.Field == JaegerField.Type ? json.ReadScalar(at, depth + 1, out text) : json.SkipValue(at, depth + 1);
            type = key.Field == JaegerField.Type ? TypeOf(text) : type;
            at = at is null ? null : json.EndField(at, out ended);
        }

        // The lines up to here are counted; what is gone through once more is known to be JSON.
        long line = json.Line;
        if (at is not null && name is not null && *name == '"' && value is not null && *value != 'n')
        {
            FieldKey<JaegerField> found = tags.Beginning;
            keys.ReadName(name + 1, ref found, place);
            ReadValue(value, found.Attribute, type, list, depth + 1);
        }

        json.Line = line;
        return at;
    }

    private void ReadValue(byte* at, AttributeKey key, JaegerType type, AttributeList list, int depth)
    {
        if (*at != '"' || type is JaegerType.Text or JaegerType.Unknown)
        {
            values.Read(at, key, list, depth);
            return;
        }

        json.ReadString(at + 1, out byte* first, out int length);
        ReadOnlySpan<byte> text = new(first, length);
        switch (type)
        {
            case JaegerType.Int64 when Utf8Parser.TryParse(text, out long integer, out int digits) && digits == length:
                values.Add(list, key, AttributeKind.Int64, integer);
                break;
            case JaegerType.Float64 when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number):
                values.Add(list, key, AttributeKind.Double, BitConverter.DoubleToInt64Bits(number));
                break;
            case JaegerType.Bool when Ascii.EqualsIgnoreCase(text, "true"u8) || Ascii.EqualsIgnoreCase(text, "false"u8):
                values.Add(list, key, AttributeKind.Bool, length == 4 ? 1 : 0);
                break;
            case JaegerType.Binary:
                values.Add(list, key, AttributeKind.Bytes, values.Intern(text));
                break;
            default:
                values.AddText(list, key, values.Intern(text));
                break;
        }
    }

    private static JaegerType TypeOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("string"u8) ? JaegerType.Text
        : name.SequenceEqual("int64"u8) ? JaegerType.Int64
        : name.SequenceEqual("float64"u8) ? JaegerType.Float64
        : name.SequenceEqual("bool"u8) ? JaegerType.Bool
        : name.SequenceEqual("binary"u8) ? JaegerType.Binary
        : JaegerType.Unknown;
}
