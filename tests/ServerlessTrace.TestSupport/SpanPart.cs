using System.Globalization;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.TestSupport;

/// <summary>A record outside of any batch: written to one, read back from one, and compared by content.</summary>
public sealed record SpanPart
{
    public TraceId TraceId { get; init; }

    public ulong Id { get; init; }

    public ulong Parent { get; init; }

    public long Start { get; init; }

    public long End { get; init; }

    public long? ReportedDuration { get; init; }

    public string Service { get; init; } = string.Empty;

    public string Name { get; init; } = string.Empty;

    public string StatusMessage { get; init; } = string.Empty;

    public string TraceState { get; init; } = string.Empty;

    public SpanKind Kind { get; init; }

    public SpanStatus Status { get; init; }

    public SpanFlags Flags { get; init; }

    public IReadOnlyList<PartAttribute> Attributes { get; init; } = [];

    public IReadOnlyList<PartAttribute> Shared { get; init; } = [];

    public IReadOnlyList<PartEvent> Events { get; init; } = [];

    public IReadOnlyList<(TraceId Trace, ulong Span)> Links { get; init; } = [];

    /// <summary>The content of a record of a batch.</summary>
    public static SpanPart Of(SpanBatch batch, int index)
    {
        SpanRecord record = batch[index];
        return new SpanPart
        {
            TraceId = record.TraceId,
            Id = record.SpanId.Value,
            Parent = record.ParentSpanId.Value,
            Start = record.StartUnixNano,
            End = record.EndUnixNano,
            ReportedDuration = record.ReportedDurationNano,
            Service = batch.Text(record.Service),
            Name = batch.Text(record.Name),
            StatusMessage = batch.Text(record.StatusMessage),
            TraceState = batch.Text(record.TraceState),
            Kind = record.Kind,
            Status = record.Status,
            Flags = record.Flags,
            Attributes = PartAttribute.Of(batch, batch.Attributes(in record)),
            Shared = PartAttribute.Of(batch, batch.SharedAttributes(in record)),
            Events = PartEvent.Of(batch, in record),
            Links = [.. batch.Links(in record).ToArray().Select(static link => (link.TraceId, link.SpanId.Value))],
        };
    }

    /// <summary>Appends this record to a batch.</summary>
    public void AddTo(SpanBatch batch)
    {
        (int Start, int Count) attributes = PartAttribute.Add(batch, Attributes);
        (int Start, int Count) shared = PartAttribute.Add(batch, Shared);
        (int Start, int Count)[] eventAttributes = [.. Events.Select(spanEvent => PartAttribute.Add(batch, spanEvent.Attributes))];
        ref SpanRecord record = ref batch.AddSpan();
        (record.TraceId, record.SpanId, record.ParentSpanId) = (TraceId, new SpanId(Id), new SpanId(Parent));
        (record.StartUnixNano, record.EndUnixNano, record.ReportedDurationNano) = (Start, End, ReportedDuration);
        (record.Service, record.Name) = (batch.Strings.Add(Service), batch.Strings.Add(Name));
        (record.StatusMessage, record.TraceState) = (batch.Strings.Add(StatusMessage), batch.Strings.Add(TraceState));
        (record.Kind, record.Status, record.Flags) = (Kind, Status, Flags);
        (record.AttributeStart, record.AttributeCount) = attributes;
        (record.SharedStart, record.SharedCount) = shared;
        (record.EventStart, record.EventCount) = (batch.EventCount, Events.Count);
        (record.LinkStart, record.LinkCount) = (batch.LinkCount, Links.Count);
        for (int i = 0; i < Events.Count; i++)
        {
            batch.AddEvent(new SpanEvent
            {
                TimeUnixNano = Events[i].Time, Name = batch.Strings.Add(Events[i].Name), AttributeStart = eventAttributes[i].Start, AttributeCount = eventAttributes[i].Count,
            });
        }

        foreach ((TraceId trace, ulong span) in Links)
        {
            batch.AddLink(new SpanLink { TraceId = trace, SpanId = new SpanId(span) });
        }
    }

    /// <summary>The content in one line; attributes are a set, so their order does not count, that of events and links does.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{TraceId} {Id:x} <{Parent:x} {Start}-{End} ({ReportedDuration}) '{Service}' '{Name}' '{StatusMessage}' '{TraceState}' {Kind} {Status} [{Flags}] "
        + $"attributes {PartAttribute.Text(Attributes)} shared {PartAttribute.Text(Shared)} "
        + $"events {string.Join(';', Events)} links {string.Join(';', Links)}");
}
