using System.Text.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>The field <c>links</c>: <c>[{"trace_id":…,"span_id":…}]</c>. Rare, so that its reading need not be fast.</summary>
internal static class SpanLogLinks
{
    /// <summary>Appends the links of an array, up to a number; false, and none, if any element is no link.</summary>
    public static bool TryRead(ReadOnlySpan<byte> array, List<SpanLink> links, int most)
    {
        try
        {
            var reader = new Utf8JsonReader(array);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            foreach (JsonElement element in document.RootElement.EnumerateArray())
            {
                if (TryRead(element) is not { } link)
                {
                    links.Clear();
                    return false;
                }

                if (links.Count < most)
                {
                    links.Add(link);
                }
            }

            return true;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // Texts that are not UTF-8, and halves of surrogate pairs, are no ids.
            links.Clear();
            return false;
        }
    }

    private static SpanLink? TryRead(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        TraceId trace = default;
        SpanId span = default;
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string? text = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null;
            _ = SpanLogFields.Spell(property.Name) switch
            {
                "traceid" => TraceId.TryParse(text, out trace),
                "spanid" => SpanId.TryParse(text, out span),
                _ => false,
            };
        }

        return trace.IsZero || span.IsZero ? null : new SpanLink { TraceId = trace, SpanId = span };
    }
}
