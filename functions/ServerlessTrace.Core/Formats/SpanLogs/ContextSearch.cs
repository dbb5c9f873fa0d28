using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Formats.LogLines;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>
/// Looks for ids in the texts of a record's context, where a logger wrote that as text: JSON in <c>customDimensions</c>, .NET's scopes as texts, log4j's
/// <c>contextMap</c> as a list of keys and values. Only records without any trace are searched.
/// </summary>
internal static class ContextSearch
{
    /// <summary>Finds the ids that the first such text with a trace names.</summary>
    public static bool TryFind(ReadOnlySpan<byte> record, out Envelope found)
    {
        found = default;
        try
        {
            Utf8JsonReader json = new(record, new JsonReaderOptions { MaxDepth = 1000 });
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                bool isContext = SpanLogFields.Classify(json.GetString() ?? string.Empty, FieldPlace.Record).Field == SpanLogField.Context;
                json.Read();
                if (isContext && TextLine.TryRead(Encoding.UTF8.GetBytes(TextOf(ref json)), out found))
                {
                    return true;
                }

                json.Skip();
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // Stricter than the reader that has accepted the record: then there is none.
        }

        return false;
    }

    /// <summary>A text, or an array's texts and its keys and values, as <c>key=value</c>.</summary>
    private static string TextOf(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            return json.TokenType == JsonTokenType.String ? json.GetString() ?? string.Empty : string.Empty;
        }

        StringBuilder text = new();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.String)
            {
                text.Append(json.GetString()).Append(' ');
            }
            else if (json.TokenType == JsonTokenType.StartObject)
            {
                AddPair(ref json, text);
            }
            else
            {
                json.Skip();
            }
        }

        return text.ToString();
    }

    private static void AddPair(ref Utf8JsonReader json, StringBuilder text)
    {
        string? key = null;
        string? value = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isKey = json.ValueTextEquals("key"u8);
            bool isValue = json.ValueTextEquals("value"u8);
            json.Read();
            string? of = json.TokenType == JsonTokenType.String ? json.GetString() : null;
            key = isKey ? of : key;
            value = isValue ? of : value;
            json.Skip();
        }

        if (key is not null && value is not null)
        {
            text.Append(key).Append('=').Append(value).Append(' ');
        }
    }
}
