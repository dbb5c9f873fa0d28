using System.Text.Json;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>Tags: <c>[{"key", "type", "value"}]</c>, where the type says <c>binary</c> of what else were text.</summary>
internal static class JaegerTags
{
    /// <summary>Reads the array that a reader stands on.</summary>
    public static void Read(ref Utf8JsonReader json, ReadOnlySpan<byte> record, SpanBuilder builder, AttributeList list, AttributeScope scope)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject)
            {
                ReadTag(ref json, record, builder, list, scope);
            }
            else
            {
                json.Skip();
            }
        }
    }

    private static void ReadTag(ref Utf8JsonReader json, ReadOnlySpan<byte> record, SpanBuilder builder, AttributeList list, AttributeScope scope)
    {
        int key = 0;
        bool binary = false;
        Utf8JsonReader value = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isKey = json.ValueTextEquals("key"u8);
            bool isType = json.ValueTextEquals("type"u8);
            bool isValue = json.ValueTextEquals("value"u8);
            json.Read();
            if (isKey)
            {
                key = builder.Text(ref json);
            }
            else if (isType)
            {
                binary = builder.Raw(ref json).SequenceEqual("binary"u8);
            }
            else if (isValue)
            {
                // The type and key may still follow.
                value = json;
            }

            json.Skip();
        }

        if (value.TokenType == JsonTokenType.String && binary)
        {
            builder.Add(list, key, AttributeKind.Bytes, builder.Text(ref value), scope);
        }
        else if (value.TokenType is not (JsonTokenType.None or JsonTokenType.Null))
        {
            builder.Add(list, key, ref value, record, scope);
        }
    }
}
