namespace ServerlessTrace.Core.Spans;

/// <summary>
/// Many spans or span parts in few arrays: what readers fill, the packed encoding stores and assembly merges.
/// Reuse one by <see cref="Clear"/>: it keeps its memory. Not thread-safe.
/// </summary>
public sealed class SpanBatch
{
    private GrowingArray<SpanRecord> _spans = new(64);
    private GrowingArray<SpanAttribute> _attributes = new(256);
    private GrowingArray<SpanEvent> _events = new(16);
    private GrowingArray<SpanLink> _links = new(4);

    /// <summary>An empty batch.</summary>
    public SpanBatch()
        : this(new StringTable())
    {
    }

    /// <summary>An empty batch that shares its texts with others.</summary>
    internal SpanBatch(StringTable strings) => Strings = strings;

    /// <summary>The texts that records refer to by number.</summary>
    public StringTable Strings { get; }

    /// <summary>How many records there are.</summary>
    public int Count => _spans.Count;

    /// <summary>How many attributes there are, of spans, events, links and shared ones together.</summary>
    public int AttributeCount => _attributes.Count;

    /// <summary>How many events there are.</summary>
    public int EventCount => _events.Count;

    /// <summary>How many links there are.</summary>
    public int LinkCount => _links.Count;

    /// <summary>A rough size in memory, in bytes; readers end a batch by it.</summary>
    public long ApproximateSize => (Count * 128L) + (AttributeCount * 24L) + (EventCount * 24L) + (LinkCount * 32L) + Strings.TextLength + (Strings.Count * 16L);

    /// <summary>All records, valid until the next write.</summary>
    public Span<SpanRecord> Spans => _spans.Span(0, _spans.Count);

    /// <summary>A record; the reference is valid until the next <see cref="AddSpan()"/>.</summary>
    public ref SpanRecord this[int index] => ref _spans[index];

    /// <summary>Appends an empty record; the reference is valid until the next one is added.</summary>
    public ref SpanRecord AddSpan()
    {
        ref SpanRecord record = ref _spans.Add();
        record = default;
        return ref record;
    }

    /// <summary>Appends an attribute and returns its index.</summary>
    public int AddAttribute(in SpanAttribute attribute)
    {
        _attributes.Add() = attribute;
        return _attributes.Count - 1;
    }

    /// <summary>Appends attributes and returns the index of the first.</summary>
    public int AddAttributes(ReadOnlySpan<SpanAttribute> attributes)
    {
        int start = _attributes.Count;
        attributes.CopyTo(_attributes.AddRange(attributes.Length));
        return start;
    }

    /// <summary>Appends a text attribute by its texts and returns its index.</summary>
    public int AddAttribute(string key, string value, AttributeScope scope = AttributeScope.Span, AttributeRank rank = AttributeRank.End) =>
        AddAttribute(new SpanAttribute(Strings.Add(key), AttributeKind.String, Strings.Add(value), scope, rank));

    /// <summary>Appends an event and returns its index.</summary>
    public int AddEvent(in SpanEvent spanEvent)
    {
        _events.Add() = spanEvent;
        return _events.Count - 1;
    }

    /// <summary>Appends a link and returns its index.</summary>
    public int AddLink(in SpanLink link)
    {
        _links.Add() = link;
        return _links.Count - 1;
    }

    /// <summary>A range of attributes, valid until the next write.</summary>
    public ReadOnlySpan<SpanAttribute> Attributes(int start, int count) => _attributes.Span(start, count);

    /// <summary>A span's own attributes, valid until the next write.</summary>
    public ReadOnlySpan<SpanAttribute> Attributes(in SpanRecord span) => _attributes.Span(span.AttributeStart, span.AttributeCount);

    /// <summary>The attributes that a span shares with others: resource and instrumentation scope.</summary>
    public ReadOnlySpan<SpanAttribute> SharedAttributes(in SpanRecord span) => _attributes.Span(span.SharedStart, span.SharedCount);

    /// <summary>An event's attributes, valid until the next write.</summary>
    public ReadOnlySpan<SpanAttribute> Attributes(in SpanEvent spanEvent) => _attributes.Span(spanEvent.AttributeStart, spanEvent.AttributeCount);

    /// <summary>A link's attributes, valid until the next write.</summary>
    public ReadOnlySpan<SpanAttribute> Attributes(in SpanLink link) => _attributes.Span(link.AttributeStart, link.AttributeCount);

    /// <summary>A span's events, valid until the next write.</summary>
    public ReadOnlySpan<SpanEvent> Events(in SpanRecord span) => _events.Span(span.EventStart, span.EventCount);

    /// <summary>A span's links, valid until the next write.</summary>
    public ReadOnlySpan<SpanLink> Links(in SpanRecord span) => _links.Span(span.LinkStart, span.LinkCount);

    /// <summary>A text as a string.</summary>
    public string Text(int id) => Strings.GetString(id);

    /// <summary>A range of attributes, to be changed in place.</summary>
    internal Span<SpanAttribute> MutableAttributes(int start, int count) => _attributes.Span(start, count);

    /// <summary>A span's events, to be reordered in place.</summary>
    internal Span<SpanEvent> MutableEvents(in SpanRecord span) => _events.Span(span.EventStart, span.EventCount);

    /// <summary>A span's links, to be reordered in place.</summary>
    internal Span<SpanLink> MutableLinks(in SpanRecord span) => _links.Span(span.LinkStart, span.LinkCount);

    /// <summary>Replaces all records; attributes, events, links and texts stay.</summary>
    internal void ReplaceSpans(ReadOnlySpan<SpanRecord> spans)
    {
        _spans.Clear();
        spans.CopyTo(_spans.AddRange(spans.Length));
    }

    /// <summary>Where the batch stands, for <see cref="Rewind"/>.</summary>
    public SpanBatchMark Mark() => new(_spans.Count, _attributes.Count, _events.Count, _links.Count);

    /// <summary>Forgets every record, attribute, event and link that was added since a mark; texts stay.</summary>
    public void Rewind(SpanBatchMark mark)
    {
        _spans.Truncate(mark.Spans);
        _attributes.Truncate(mark.Attributes);
        _events.Truncate(mark.Events);
        _links.Truncate(mark.Links);
    }

    /// <summary>Forgets everything and keeps the memory.</summary>
    public void Clear()
    {
        _spans.Clear();
        _attributes.Clear();
        _events.Clear();
        _links.Clear();
        Strings.Clear();
    }
}
