using System.Text.Json;

namespace ServerlessTrace.Core.Formats.Detection;

/// <summary>Documents of other backends: an object whose field holds the spans, or a list of them.</summary>
internal static class WrappedObject
{
    /// <summary>The format of what a field holds; null if that decides nothing.</summary>
    /// <param name="json">A reader that stands on the field's name.</param>
    /// <param name="wrappers">How many more wrappers may follow.</param>
    public static ObjectShape? ShapeOf(Utf8JsonReader json, int wrappers)
    {
        if (json.ValueTextEquals("data"u8))
        {
            return ShapeOfFirst(json, wrappers) is { Format: SourceFormat.Jaeger or SourceFormat.OtlpJson } shape ? shape : null;
        }

        if (json.ValueTextEquals("records"u8))
        {
            return Only(ShapeOfFirst(json, wrappers), SourceFormat.AzureMonitor);
        }

        // The answers of Jaeger's third and of Tempo's second API, and what Tempo and Grafana call resourceSpans.
        bool isBatches = json.ValueTextEquals("batches"u8);
        if (isBatches || json.ValueTextEquals("result"u8) || json.ValueTextEquals("trace"u8))
        {
            return isBatches && IsEmptyList(json) ? new ObjectShape(SourceFormat.OtlpJson, IsCertain: true) : Only(ShapeOfFirst(json, wrappers), SourceFormat.OtlpJson);
        }

        // A list of traces, which are lists of spans; or of summaries of traces, which are refused.
        if (json.ValueTextEquals("traces"u8))
        {
            return ShapeOfFirst(json, wrappers) is { } shape && (shape.Format == SourceFormat.Datadog || shape.Refused is not null) ? shape : null;
        }

        return json.ValueTextEquals("_source"u8) || json.ValueTextEquals("hits"u8) ? ShapeOfFirst(json, wrappers) : null;
    }

    private static ObjectShape? Only(ObjectShape? shape, SourceFormat format) => shape?.Format == format ? shape : null;

    /// <summary>The shape of a field's value, or of the first element of a list, or of a list of lists.</summary>
    private static ObjectShape? ShapeOfFirst(Utf8JsonReader json, int wrappers)
    {
        bool read = json.Read();
        for (int lists = 0; read && json.TokenType == JsonTokenType.StartArray && lists < 2; lists++)
        {
            read = json.Read();
        }

        if (!read)
        {
            return new ObjectShape(SourceFormat.Unknown, IsCut: true);
        }

        return json.TokenType == JsonTokenType.StartObject ? ObjectShape.OfObject(json, wrappers) : null;
    }

    private static bool IsEmptyList(Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.StartArray && json.Read() && json.TokenType == JsonTokenType.EndArray;
}
