using System.Text.Json;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>Tells OTLP's JSON documents from span logs and other JSON: they have a field <c>resourceSpans</c>, <c>resourceLogs</c> or <c>resourceMetrics</c>.</summary>
internal static class OtlpJsonDetection
{
    /// <summary>Whether the first object in content is an OTLP document, going by its fields in what is there of it.</summary>
    /// <param name="prefix">The content's beginning from an object's opening brace.</param>
    public static bool IsOtlp(ReadOnlySpan<byte> prefix)
    {
        Utf8JsonReader json = new(prefix, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 64 }));
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                OtlpField field = json.ValueIsEscaped ? OtlpField.Other : OtlpFieldNames.Of(json.ValueSpan);
                if (field is OtlpField.ResourceSpans or OtlpField.ResourceLogs or OtlpField.ResourceMetrics)
                {
                    return !json.Read() || json.TokenType is JsonTokenType.StartArray or JsonTokenType.Null;
                }

                if (!json.TrySkip())
                {
                    return false;
                }
            }
        }
        catch (JsonException)
        {
            // Broken before it showed what it is.
        }

        return false;
    }
}
