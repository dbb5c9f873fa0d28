using System.Text.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Otlp;

/// <summary>Writes <c>KeyValue</c> and <c>AnyValue</c> (opentelemetry-proto <c>common/v1/common.proto</c>); JSON becomes arrays and lists of key-value pairs.</summary>
internal sealed class OtlpValues(ExportJson json)
{
    private readonly Utf8JsonWriter _writer = json.Writer;
    private readonly Stack<bool> _insideObject = [];

    public void WriteText(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        _writer.WriteStartObject();
        _writer.WriteString("key"u8, key);
        _writer.WriteStartObject("value"u8);
        _writer.WriteString("stringValue"u8, text);
        _writer.WriteEndObject();
        _writer.WriteEndObject();
    }

    public void WriteAttribute(in ExportedAttribute attribute)
    {
        _writer.WriteStartObject();
        json.Key("key"u8, in attribute);
        _writer.WritePropertyName("value"u8);
        WriteValue(attribute.Value);
        _writer.WriteEndObject();
    }

    private void WriteValue(in SpanAttribute attribute)
    {
        if (attribute.Kind == AttributeKind.Json && EmbeddedJson.IsValid(json.Batch.Strings[attribute.Text]))
        {
            WriteJson(json.Batch.Strings[attribute.Text]);
            return;
        }

        _writer.WriteStartObject();
        switch (attribute.Kind)
        {
            case AttributeKind.Int64:
                json.Digits("intValue"u8, attribute.Bits);
                break;
            case AttributeKind.Double:
                json.Number("doubleValue"u8, attribute.Number);
                break;
            case AttributeKind.Bool:
                _writer.WriteBoolean("boolValue"u8, attribute.Bits != 0);
                break;
            case AttributeKind.Bytes:
                json.Text("bytesValue"u8, attribute.Text);
                break;
            default:
                json.Text("stringValue"u8, attribute.Text);
                break;
        }

        _writer.WriteEndObject();
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
                    _insideObject.Push(isObject);
                    _writer.WriteStartObject();
                    _writer.WriteStartObject(isObject ? "kvlistValue"u8 : "arrayValue"u8);
                    _writer.WriteStartArray("values"u8);
                    break;
                case JsonTokenType.PropertyName:
                    _writer.WriteStartObject();
                    _writer.WriteString("key"u8, reader.GetString());
                    _writer.WritePropertyName("value"u8);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    _insideObject.Pop();
                    _writer.WriteEndArray();
                    _writer.WriteEndObject();
                    _writer.WriteEndObject();
                    EndValue();
                    break;
                default:
                    WriteScalar(ref reader);
                    EndValue();
                    break;
            }
        }
    }

    private void EndValue()
    {
        if (_insideObject.TryPeek(out bool isObject) && isObject)
        {
            _writer.WriteEndObject();
        }
    }

    /// <summary>A value inside JSON; null is a value that is not set.</summary>
    private void WriteScalar(ref Utf8JsonReader reader)
    {
        _writer.WriteStartObject();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                _writer.WriteString("stringValue"u8, reader.GetString());
                break;
            case JsonTokenType.True or JsonTokenType.False:
                _writer.WriteBoolean("boolValue"u8, reader.TokenType == JsonTokenType.True);
                break;
            case JsonTokenType.Number when reader.TryGetInt64(out long integer):
                json.Digits("intValue"u8, integer);
                break;
            case JsonTokenType.Number:
                json.Number("doubleValue"u8, reader.GetDouble());
                break;
        }

        _writer.WriteEndObject();
    }
}
