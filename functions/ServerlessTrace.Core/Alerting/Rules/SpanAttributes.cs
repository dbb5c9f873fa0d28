using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Alerting.Rules;

/// <summary>Finds attributes of spans by their names.</summary>
internal static class SpanAttributes
{
    /// <summary>A span's own attribute of that name, else one that it shares with others; null where it has none.</summary>
    public static SpanAttribute? Find(SpanBatch batch, in SpanRecord span, string key) =>
        Find(batch, batch.Attributes(in span), key) ?? Find(batch, batch.SharedAttributes(in span), key);

    public static string Text(SpanBatch batch, in SpanAttribute attribute) => AttributeText.Of(batch, in attribute);

    private static SpanAttribute? Find(SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes, string key)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (SeriesMatch.IsText(batch.Strings[attribute.Key], key))
            {
                return attribute;
            }
        }

        return null;
    }
}
