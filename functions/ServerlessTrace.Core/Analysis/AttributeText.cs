using System.Globalization;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>An attribute's value as text.</summary>
internal static class AttributeText
{
    public static string Of(SpanBatch batch, in SpanAttribute attribute) => attribute.Kind switch
    {
        AttributeKind.Int64 => attribute.Bits.ToString(CultureInfo.InvariantCulture),
        AttributeKind.Double => attribute.Number.ToString(CultureInfo.InvariantCulture),
        AttributeKind.Bool => attribute.Bits != 0 ? "true" : "false",
        _ => batch.Text(attribute.Text),
    };
}
