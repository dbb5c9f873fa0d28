using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>Collects what one JSON record says of a span, within the limits, and appends it to the batch.</summary>
internal sealed unsafe class SpanBuilder(ReadLimits limits, SourceStatistics statistics, string fallbackService, JsonScanner json)
{
    private readonly byte[] _fallbackService = Encoding.UTF8.GetBytes(fallbackService);
    private readonly AttributeList _lastShared = new();
    private readonly List<SpanEvent> _events = [];
    private readonly List<SpanLink> _links = [];
    private SpanBatch _batch = new();
    private SpanRecord _span;
    private long _generation;
    private int _lastSharedStart;
    private bool _truncated;

    /// <summary>The fields of the span.</summary>
    public ref SpanRecord Span => ref _span;

    /// <summary>Where attributes are read.</summary>
    public AttributeReader Values { get; } = new(limits, json);

    /// <summary>The span's own attributes.</summary>
    public AttributeList Attributes { get; } = new();

    /// <summary>The resource's attributes.</summary>
    public AttributeList Resource { get; } = new();

    /// <summary>Begins a span.</summary>
    public void Begin(SpanBatch batch)
    {
        _batch = batch;
        _span = default;
        _truncated = false;
        Values.Begin(batch.Strings);
        Attributes.Clear();
        Resource.Clear();
        _events.Clear();
        _links.Clear();
        if (_generation != batch.Strings.Generation)
        {
            _generation = batch.Strings.Generation;
            _lastShared.Clear();
        }
    }

    /// <summary>The number of a text, cut to the limit.</summary>
    public int Text(ReadOnlySpan<byte> text) => Values.Intern(text);

    /// <summary>Reads a string or number as a text; 0 for any other value.</summary>
    public byte* ReadText(byte* at, int depth, out int text)
    {
        at = json.ReadScalar(at, depth, out ReadOnlySpan<byte> scalar);
        text = Text(scalar);
        return at;
    }

    /// <summary>Reads the fields of an object as attributes, those without a value aside; what is no object is passed.</summary>
    /// <param name="at">Where it begins.</param>
    /// <param name="keys">The names that are known.</param>
    /// <param name="object">Its own name.</param>
    /// <param name="place">What its fields' place is called.</param>
    /// <param name="depth">How deep it nests.</param>
    /// <param name="list">Where they go; the span's own attributes if null.</param>
    public byte* ReadFields<TField>(byte* at, FieldKeys<TField> keys, FieldKey<TField> @object, int place, int depth, AttributeList? list = null)
        where TField : struct, Enum
    {
        if (*at != '{')
        {
            return json.SkipValue(at, depth);
        }

        FieldKey<TField> key = @object.Beginning;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = keys.ReadKey(at, ref key, place);
            at = at is null ? null
                : *at == 'n' ? json.SkipWord(at, "null"u8)
                : Values.Read(at, key.Attribute, list ?? Attributes, depth + 1);
            at = at is null ? null : json.EndField(at, out ended);
        }

        return at;
    }

    /// <summary>Sets an attribute to a text, unless there is none or the span has the attribute already.</summary>
    public void AddIfAbsent(AttributeKey key, int text)
    {
        if (text != 0 && !Values.Has(key))
        {
            Values.Add(Attributes, key, AttributeKind.String, text);
        }
    }

    /// <summary>One of the span's attributes; null if it has none of that name.</summary>
    public SpanAttribute? Find(AttributeKey key)
    {
        if (Values.Has(key))
        {
            Values.ResolveTexts();
            int id = key.IdIn(_batch.Strings);
            foreach (ref readonly SpanAttribute attribute in Attributes.Items)
            {
                if (attribute.Key == id)
                {
                    return attribute;
                }
            }
        }

        return null;
    }

    /// <summary>The number of the text of one of the span's attributes; 0 if it has none of that name or it is no text.</summary>
    public int FindText(AttributeKey key) => Find(key) is { IsText: true } attribute ? attribute.Text : 0;

    /// <summary>Takes away one of the span's attributes, whose meaning a field of the span has.</summary>
    public void Remove(AttributeKey key)
    {
        Values.ResolveTexts();
        int id = key.IdIn(_batch.Strings);
        for (int i = 0; i < Attributes.Count; i++)
        {
            if (Attributes.Items[i].Key == id)
            {
                Attributes.RemoveAt(i);
                return;
            }
        }
    }

    /// <summary>Whether the text of a number is a word.</summary>
    public bool Is(int text, ReadOnlySpan<byte> word) => _batch.Strings[text].SequenceEqual(word);

    /// <summary>The text of a number; valid until the next one is added.</summary>
    public ReadOnlySpan<byte> TextOf(int text) => _batch.Strings[text];

    /// <summary>Marks the span if something of it was cut elsewhere.</summary>
    public void Truncate(bool cut) => _truncated |= cut;

    /// <summary>Adds an event with attributes whose texts are all known.</summary>
    public void AddEvent(int name, long timeUnixNano, AttributeList attributes)
    {
        if (_events.Count >= limits.AttributesPerSpan)
        {
            _truncated = true;
            return;
        }

        _events.Add(new SpanEvent
        {
            Name = name,
            TimeUnixNano = timeUnixNano,
            AttributeStart = _batch.AddAttributes(attributes.Items),
            AttributeCount = attributes.Count,
        });
    }

    /// <summary>Adds a link with attributes whose texts are all known; one that leads nowhere is left out.</summary>
    public void AddLink(TraceId traceId, SpanId spanId, AttributeList attributes)
    {
        if (_links.Count >= limits.AttributesPerSpan || traceId.IsZero || spanId.IsZero)
        {
            _truncated = true;
            return;
        }

        _links.Add(new SpanLink { TraceId = traceId, SpanId = spanId, AttributeStart = _batch.AddAttributes(attributes.Items), AttributeCount = attributes.Count });
    }

    /// <summary>Adds a link with one attribute.</summary>
    public void AddLink(TraceId traceId, SpanId spanId, AttributeKey key, ReadOnlySpan<byte> value)
    {
        if (_links.Count >= limits.AttributesPerSpan)
        {
            _truncated = true;
            return;
        }

        SpanAttribute attribute = new(key.IdIn(_batch.Strings), AttributeKind.String, Text(value));
        _links.Add(new SpanLink { TraceId = traceId, SpanId = spanId, AttributeStart = _batch.AddAttribute(attribute), AttributeCount = 1 });
    }

    /// <summary>
    /// Works out start and end, and their flags, from what is known of start, end and duration. A span of which only the start is known is open,
    /// or has ended when it began.
    /// </summary>
    /// <param name="isOpen">Whether a span without end has not ended yet; one whose duration could not be read has.</param>
    public void SetTimes(bool isOpen)
    {
        long duration = _span.ReportedDurationNano ?? 0;
        if (_span.StartUnixNano == 0)
        {
            _span.Flags |= SpanFlags.Ended;
            return;
        }

        _span.Flags |= SpanFlags.Started;
        if (_span.EndUnixNano == 0 && (_span.ReportedDurationNano is not null || !isOpen || (_span.Flags & SpanFlags.OddDuration) != 0))
        {
            _span.EndUnixNano = _span.StartUnixNano + Math.Min(duration, long.MaxValue - _span.StartUnixNano);
        }

        _span.Flags |= _span.EndUnixNano != 0 ? SpanFlags.Ended : SpanFlags.None;
    }

    /// <summary>Takes a text attribute out of a list; 0 if the list has none of that name.</summary>
    public int Take(AttributeList list, AttributeKey key)
    {
        if (Values.Has(key))
        {
            Values.ResolveTexts();
            int id = key.IdIn(_batch.Strings);
            for (int i = 0; i < list.Count; i++)
            {
                if (list.Items[i].Key == id && list.Items[i].Scope == key.Scope && list.Items[i].Kind == AttributeKind.String)
                {
                    int text = list.Items[i].Text;
                    list.RemoveAt(i);
                    return text;
                }
            }
        }

        return 0;
    }

    /// <summary>Appends <see cref="Resource"/> to the batch, unless the span before had the same one; returns where it is.</summary>
    public int Share()
    {
        Values.ResolveTexts();
        if (Resource.Count > 0 && !Resource.IsSameAs(_lastShared))
        {
            _lastShared.CopyFrom(Resource);
            _lastSharedStart = _batch.AddAttributes(Resource.Items);
        }

        return _lastSharedStart;
    }

    /// <summary>Appends the span to the batch.</summary>
    public void Commit()
    {
        _span.SharedStart = Share();
        _span.SharedCount = Resource.Count;
        _span.AttributeStart = _batch.AddAttributes(Attributes.Items);
        _span.AttributeCount = Attributes.Count;
        _span.EventStart = _batch.EventCount;
        _span.EventCount = _events.Count;
        foreach (SpanEvent spanEvent in _events)
        {
            _batch.AddEvent(spanEvent);
        }

        _span.LinkStart = _batch.LinkCount;
        _span.LinkCount = _links.Count;
        foreach (SpanLink link in _links)
        {
            _batch.AddLink(link);
        }

        if (_span.Service == 0)
        {
            _span.Service = _batch.Strings.Add(_fallbackService);
            _span.Flags |= SpanFlags.ServiceFromSource;
            statistics.ServiceFromSource++;
        }

        if (Values.HasOddNumber)
        {
            _span.Flags |= SpanFlags.OddNumber;
        }

        if (_truncated || Values.Truncated)
        {
            _span.Flags |= SpanFlags.Truncated;
            statistics.Truncated++;
        }

        statistics.Records++;
        statistics.SpanRecords += _span.IsSpan ? 1 : 0;
        _batch.AddSpan() = _span;
    }
}
