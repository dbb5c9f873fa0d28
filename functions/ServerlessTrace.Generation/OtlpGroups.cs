using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>How spans are put into OTLP's groups.</summary>
internal static class OtlpGroups
{
    /// <summary>The instrumentation scope of all generated spans.</summary>
    public static ReadOnlySpan<byte> ScopeName => "shop.instrumentation"u8;

    /// <summary>The spans of a batch by service and shared attributes.</summary>
    public static IEnumerable<IGrouping<(int Service, int Shared), int>> Of(SpanBatch batch) =>
        Enumerable.Range(0, batch.Count).GroupBy(index => (batch[index].Service, batch[index].SharedStart));

    /// <summary>Whether an attribute is written among those of a scope; OTLP knows no baggage, so that is the span's own.</summary>
    public static bool Belongs(AttributeScope attribute, AttributeScope scope) =>
        attribute == scope || (attribute == AttributeScope.Baggage && scope == AttributeScope.Span);
}
