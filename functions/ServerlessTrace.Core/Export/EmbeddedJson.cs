using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace ServerlessTrace.Core.Export;

/// <summary>Arrays and objects inside attributes, which came from outside: read only where they are well-formed and not nested too deep for the reader on the other side.</summary>
internal static class EmbeddedJson
{
    /// <summary>
    /// Levels at most. One level becomes up to four in OTLP, and readers of protobuf's JSON stop at 100.
    /// </summary>
    private const int MaxDepth = 20;

    public static JsonReaderOptions ReaderOptions { get; } = new() { MaxDepth = MaxDepth };

    /// <summary>Whether a text is JSON that can be written as such.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, ReaderOptions);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    // Escapes of half a character are seen when the text is taken out only.
                    _ = reader.GetString();
                }
            }

            return true;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> text, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = IsValid(text) ? JsonDocument.Parse(text.ToArray(), new JsonDocumentOptions { MaxDepth = MaxDepth }) : null;
        return document is not null;
    }
}
