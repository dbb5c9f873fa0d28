using System.Text.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Otlp;

/// <summary>Writes <c>KeyValue</c> and <c>AnyValue</c> (opentelemetry-proto <c>common/v1/common.proto</c>); JSON becomes arrays and lists of key-value pairs.</summary>
internal sealed class OtlpValues(OtlpEncoder encoder, SpanBatch batch)
{
    private readonly Stack<bool> _insideObject = [];

    public void WriteText(OtlpMember list, ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        encoder.BeginItem(list);
        encoder.Text(OtlpMember.OfKeyValue.Key, key);
        encoder.BeginMessage(OtlpMember.OfKeyValue.Value);
        encoder.Text(OtlpMember.OfAnyValue.Text, text);
        encoder.EndMessage();
        encoder.EndMessage();
    }

    public void WriteAttribute(OtlpMember list, in ExportedAttribute attribute)
    {
        ReadOnlySpan<byte> key = batch.Strings[attribute.Value.Key];
        encoder.BeginItem(list);
        encoder.Text(OtlpMember.OfKeyValue.Key, attribute.IsPrefixed ? [.. "baggage."u8, .. key] : key);
        WriteValue(attribute.Value);
        encoder.EndMessage();
    }

    private void WriteValue(in SpanAttribute attribute)
    {
        if (attribute.Kind == AttributeKind.Json && EmbeddedJson.IsValid(batch.Strings[attribute.Text]))
        {
            WriteJson(batch.Strings[attribute.Text]);
            return;
        }

        encoder.BeginMessage(OtlpMember.OfKeyValue.Value);
        switch (attribute.Kind)
        {
            case AttributeKind.Int64:
                encoder.Integer(OtlpMember.OfAnyValue.Int, attribute.Bits);
                break;
            case AttributeKind.Double:
                encoder.Number(OtlpMember.OfAnyValue.Double, attribute.Number);
                break;
            case AttributeKind.Bool:
                encoder.Bool(OtlpMember.OfAnyValue.Bool, attribute.Bits != 0);
                break;
            case AttributeKind.Bytes:
                encoder.Bytes(OtlpMember.OfAnyValue.Bytes, batch.Strings[attribute.Text]);
                break;
            default:
                encoder.Text(OtlpMember.OfAnyValue.Text, batch.Strings[attribute.Text]);
                break;
        }

        encoder.EndMessage();
    }

    private void WriteJson(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, EmbeddedJson.ReaderOptions);
        _insideObject.Clear();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    bool isObject = reader.TokenType == JsonTokenType.StartObject;
                    BeginValue();
                    _insideObject.Push(isObject);
                    encoder.BeginMessage(isObject ? OtlpMember.OfAnyValue.KeyValueList : OtlpMember.OfAnyValue.Array);
                    encoder.BeginList(OtlpMember.OfValueList.Values);
                    break;
                case JsonTokenType.PropertyName:
                    encoder.BeginItem(OtlpMember.OfValueList.Values);
                    encoder.Text(OtlpMember.OfKeyValue.Key, System.Text.Encoding.UTF8.GetBytes(reader.GetString()!));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    _insideObject.Pop();
                    encoder.EndList();
                    encoder.EndMessage();
                    EndValue();
                    break;
                default:
                    BeginValue();
                    WriteScalar(ref reader);
                    EndValue();
                    break;
            }
        }
    }

    /// <summary>Begins a value: of the attribute, of a pair in an object, or an item of an array.</summary>
    private void BeginValue()
    {
        if (_insideObject.TryPeek(out bool isObject) && !isObject)
        {
            encoder.BeginItem(OtlpMember.OfValueList.Values);
        }
        else
        {
            encoder.BeginMessage(OtlpMember.OfKeyValue.Value);
        }
    }

    /// <summary>Ends a value, and with one in an object its pair.</summary>
    private void EndValue()
    {
        encoder.EndMessage();
        if (_insideObject.TryPeek(out bool isObject) && isObject)
        {
            encoder.EndMessage();
        }
    }

    /// <summary>A value inside JSON; null is a value that is not set.</summary>
    private void WriteScalar(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                encoder.Text(OtlpMember.OfAnyValue.Text, System.Text.Encoding.UTF8.GetBytes(reader.GetString()!));
                break;
            case JsonTokenType.True or JsonTokenType.False:
                encoder.Bool(OtlpMember.OfAnyValue.Bool, reader.TokenType == JsonTokenType.True);
                break;
            case JsonTokenType.Number when reader.TryGetInt64(out long integer):
                encoder.Integer(OtlpMember.OfAnyValue.Int, integer);
                break;
            case JsonTokenType.Number:
                encoder.Number(OtlpMember.OfAnyValue.Double, reader.GetDouble());
                break;
        }
    }
}
