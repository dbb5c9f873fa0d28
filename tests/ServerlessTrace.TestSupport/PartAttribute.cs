using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.TestSupport;

/// <summary>An attribute of a <see cref="SpanPart"/>; numbers are given as text, too.</summary>
public sealed record PartAttribute(string Key, AttributeKind Kind, string Value, AttributeScope Scope, AttributeRank Rank)
{
    internal static (int Start, int Count) Add(SpanBatch batch, IReadOnlyList<PartAttribute> attributes)
    {
        int start = batch.AttributeCount;
        foreach (PartAttribute attribute in attributes)
        {
            long bits = attribute.Kind is AttributeKind.Int64 or AttributeKind.Double or AttributeKind.Bool
                ? long.Parse(attribute.Value, System.Globalization.CultureInfo.InvariantCulture)
                : batch.Strings.Add(attribute.Value);
            batch.AddAttribute(new SpanAttribute(batch.Strings.Add(attribute.Key), attribute.Kind, bits, attribute.Scope, attribute.Rank));
        }

        return (start, attributes.Count);
    }

    internal static IReadOnlyList<PartAttribute> Of(SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes)
    {
        var parts = new List<PartAttribute>(attributes.Length);
        foreach (SpanAttribute attribute in attributes)
        {
            string value = attribute.IsText ? batch.Text(attribute.Text) : attribute.Bits.ToString(System.Globalization.CultureInfo.InvariantCulture);
            parts.Add(new PartAttribute(batch.Text(attribute.Key), attribute.Kind, value, attribute.Scope, attribute.Rank));
        }

        return parts;
    }

    internal static string Text(IEnumerable<PartAttribute> attributes) =>
        string.Join(',', attributes.Select(static attribute => attribute.ToString()).Order(StringComparer.Ordinal));
}
