using System.Globalization;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Benchmarks.Packing;

/// <summary>A span as one would hand it to a JSON serializer.</summary>
internal sealed record JsonSpan
{
    public required string TraceId { get; init; }

    public required string SpanId { get; init; }

    public required string ParentSpanId { get; init; }

    public required long Start { get; init; }

    public required long End { get; init; }

    public required long Reported { get; init; }

    public required string Service { get; init; }

    public required string Name { get; init; }

    public required string StatusMessage { get; init; }

    public required int Kind { get; init; }

    public required int Status { get; init; }

    public required int Flags { get; init; }

    public required Dictionary<string, string> Attributes { get; init; }

    public required Dictionary<string, string> Resource { get; init; }

    public static JsonSpan[] From(SpanBatch batch, int start, int count) => [.. Enumerable.Range(start, count).Select(i => From(batch, batch[i]))];

    private static JsonSpan From(SpanBatch batch, SpanRecord span) => new()
    {
        TraceId = span.TraceId.ToString(),
        SpanId = span.SpanId.ToString(),
        ParentSpanId = span.ParentSpanId.ToString(),
        Start = span.StartUnixNano,
        End = span.EndUnixNano,
        Reported = span.ReportedDurationPlusOne,
        Service = batch.Text(span.Service),
        Name = batch.Text(span.Name),
        StatusMessage = batch.Text(span.StatusMessage),
        Kind = (int)span.Kind,
        Status = (int)span.Status,
        Flags = (int)span.Flags,
        Attributes = From(batch, batch.Attributes(span)),
        Resource = From(batch, batch.SharedAttributes(span)),
    };

    private static Dictionary<string, string> From(SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes)
    {
        Dictionary<string, string> texts = [];
        foreach (SpanAttribute attribute in attributes)
        {
            texts[batch.Text(attribute.Key)] = attribute.IsText ? batch.Text(attribute.Text)
                : attribute.Kind == AttributeKind.Double ? attribute.Number.ToString(CultureInfo.InvariantCulture)
                : attribute.Bits.ToString(CultureInfo.InvariantCulture);
        }

        return texts;
    }
}
