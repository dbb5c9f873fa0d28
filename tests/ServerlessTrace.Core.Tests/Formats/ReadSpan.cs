using System.Globalization;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>A span part with its texts, comparable by what it prints.</summary>
internal sealed class ReadSpan
{
    public string TraceId { get; set; } = "";

    public string SpanId { get; set; } = "";

    public string ParentSpanId { get; set; } = "";

    public long Start { get; set; }

    public long End { get; set; }

    public long? Duration { get; set; }

    public string Service { get; set; } = "";

    public string Name { get; set; } = "";

    public SpanKind Kind { get; set; }

    public SpanStatus Status { get; set; }

    public string StatusMessage { get; set; } = "";

    public string TraceState { get; set; } = "";

    public SpanFlags Flags { get; set; }

    public SortedDictionary<string, string> Attributes { get; set; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Resource { get; set; } = new(StringComparer.Ordinal);

    public string? Event { get; set; }

    public long EventTime { get; set; }

    public SortedDictionary<string, string> EventAttributes { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Its events after the first one.</summary>
    public List<string> FurtherEvents { get; } = [];

    /// <summary>The ranks of its attributes.</summary>
    public SortedSet<AttributeRank> Ranks { get; } = [];

    public static ReadSpan From(SpanBatch batch, in SpanRecord record)
    {
        ReadSpan span = new()
        {
            TraceId = record.TraceId.ToString(),
            SpanId = record.SpanId.ToString(),
            ParentSpanId = record.ParentSpanId.ToString(),
            Start = record.StartUnixNano,
            End = record.EndUnixNano,
            Duration = record.ReportedDurationNano,
            Service = batch.Text(record.Service),
            Name = batch.Text(record.Name),
            Kind = record.Kind,
            Status = record.Status,
            StatusMessage = batch.Text(record.StatusMessage),
            TraceState = batch.Text(record.TraceState),
            Flags = record.Flags,
            Attributes = Texts(batch, batch.Attributes(record)),
            Resource = Texts(batch, batch.SharedAttributes(record)),
        };
        foreach (SpanAttribute attribute in batch.Attributes(record))
        {
            span.Ranks.Add(attribute.Rank);
        }

        foreach (SpanEvent spanEvent in batch.Events(record))
        {
            if (span.Event is not null)
            {
                span.FurtherEvents.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{batch.Text(spanEvent.Name)} {spanEvent.TimeUnixNano} {List(Texts(batch, batch.Attributes(spanEvent)))}"));
                continue;
            }

            span.Event = batch.Text(spanEvent.Name);
            span.EventTime = spanEvent.TimeUnixNano;
            span.EventAttributes = Texts(batch, batch.Attributes(spanEvent));
        }

        return span;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{TraceId} {SpanId} {ParentSpanId} {Start} {End} {Duration} '{Service}' '{Name}' {Kind} {Status} '{StatusMessage}' '{TraceState}' {Flags} {List(Attributes)} {List(Resource)} {Event} {EventTime} {List(EventAttributes)}{string.Concat(FurtherEvents.Select(e => $" {e}"))}");

    /// <summary>One text for a value of each kind, so that values of different kinds never look the same.</summary>
    public static string Text(AttributeKind kind, object? value) => kind switch
    {
        AttributeKind.String => $"{value}",
        AttributeKind.Double => $"double {((double)value!).ToString("R", CultureInfo.InvariantCulture)}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{kind.ToString().ToLowerInvariant()} {value}"),
    };

    private static SortedDictionary<string, string> Texts(SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes)
    {
        SortedDictionary<string, string> texts = new(StringComparer.Ordinal);
        foreach (SpanAttribute attribute in attributes)
        {
            object value = attribute.IsText ? batch.Text(attribute.Text)
                : attribute.Kind == AttributeKind.Double ? attribute.Number
                : attribute.Kind == AttributeKind.Bool ? attribute.Bits != 0
                : attribute.Bits;
            string scope = attribute.Scope == AttributeScope.Baggage ? "baggage:" : "";
            texts.Add(scope + batch.Text(attribute.Key), Text(attribute.Kind, value));
        }

        return texts;
    }

    private static string List(SortedDictionary<string, string> texts) => $"[{string.Join(", ", texts.Select(t => $"{t.Key}={t.Value}"))}]";
}
