using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>
/// Collects what one JSON record says of a span, within the limits, and appends it to the batch. Of attributes that are
/// there twice the last wins.
/// </summary>
internal sealed class SpanBuilder(ReadLimits limits, SourceStatistics statistics, string fallbackService)
{
    private readonly byte[] _fallbackService = Encoding.UTF8.GetBytes(fallbackService);
    private readonly JsonText _text = new();
    private readonly AttributeList _eventAttributes = new();
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

    /// <summary>The span's own attributes.</summary>
    public AttributeList Attributes { get; } = new();

    /// <summary>The resource's attributes.</summary>
    public AttributeList Resource { get; } = new();

    /// <summary>How many events there are.</summary>
    public int EventCount => _events.Count;

    /// <summary>How JSON is read.</summary>
    public JsonReaderOptions Options { get; } = new() { MaxDepth = Math.Clamp(limits.JsonDepth, 1, 1000) };

    /// <summary>Begins a span.</summary>
    public void Begin(SpanBatch batch)
    {
        _batch = batch;
        _span = default;
        _truncated = false;
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

    /// <summary>The text that a reader stands on, as it is; valid until the next one is read.</summary>
    public ReadOnlySpan<byte> Raw(ref Utf8JsonReader json) =>
        json.TokenType is JsonTokenType.String or JsonTokenType.PropertyName or JsonTokenType.Number ? _text.Of(ref json) : default;

    /// <summary>The number of the text that a reader stands on, 0 for what is no text.</summary>
    public int Text(ref Utf8JsonReader json) => Text(Raw(ref json));

    /// <summary>The number of a text, cut to the limit.</summary>
    public int Text(ReadOnlySpan<byte> text)
    {
        _truncated |= text.Length > limits.AttributeBytes;
        return _batch.Strings.Add(JsonText.Cut(text, limits.AttributeBytes));
    }

    /// <summary>Sets an attribute.</summary>
    public void Add(AttributeList list, int key, AttributeKind kind, long bits, AttributeScope scope = AttributeScope.Span)
    {
        SpanAttribute attribute = new(key, kind, bits, scope);
        if (list.TryReplace(attribute))
        {
            return;
        }

        if (list.Count >= limits.AttributesPerSpan)
        {
            _truncated = true;
        }
        else
        {
            list.Add(attribute);
        }
    }

    /// <summary>Sets an attribute to a text.</summary>
    public void Add(AttributeList list, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, AttributeScope scope = AttributeScope.Span) =>
        Add(list, Text(key), AttributeKind.String, Text(value), scope);

    /// <summary>Sets an attribute to a text, unless the span has it already.</summary>
    public void AddIfAbsent(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty && !Has(key))
        {
            Add(Attributes, key, value);
        }
    }

    /// <summary>Whether the span has an attribute.</summary>
    public bool Has(ReadOnlySpan<byte> key)
    {
        int id = _batch.Strings.Find(key);
        foreach (ref readonly SpanAttribute attribute in Attributes.Items)
        {
            if (attribute.Key == id)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one of the span's attributes is the boolean true.</summary>
    public bool IsTrue(ReadOnlySpan<byte> key)
    {
        int id = _batch.Strings.Find(key);
        foreach (ref readonly SpanAttribute attribute in Attributes.Items)
        {
            if (attribute.Key == id)
            {
                return attribute.Kind == AttributeKind.Bool && attribute.Bits != 0;
            }
        }

        return false;
    }

    /// <summary>Takes away one of the span's attributes, whose meaning a field of the span has.</summary>
    public void Remove(ReadOnlySpan<byte> key)
    {
        int id = _batch.Strings.Find(key);
        for (int i = 0; i < Attributes.Count; i++)
        {
            if (Attributes.Items[i].Key == id)
            {
                Attributes.RemoveAt(i);
                return;
            }
        }
    }

    /// <summary>The text of one of the span's attributes; empty if it has none of that name or it is no text.</summary>
    public ReadOnlySpan<byte> Find(ReadOnlySpan<byte> key)
    {
        int id = _batch.Strings.Find(key);
        foreach (ref readonly SpanAttribute attribute in Attributes.Items)
        {
            if (attribute.Key == id)
            {
                return attribute.IsText ? _batch.Strings[attribute.Text] : default;
            }
        }

        return default;
    }

    /// <summary>Sets an attribute to the value, of any kind, that a reader stands on; reads to the value's end.</summary>
    public void Add(AttributeList list, int key, ref Utf8JsonReader json, ReadOnlySpan<byte> record, AttributeScope scope = AttributeScope.Span)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                Add(list, key, AttributeKind.String, Text(ref json), scope);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                Add(list, key, AttributeKind.Bool, json.TokenType == JsonTokenType.True ? 1 : 0, scope);
                break;
            case JsonTokenType.Number when json.TryGetInt64(out long integer):
                Add(list, key, AttributeKind.Int64, integer, scope);
                break;
            case JsonTokenType.Number when json.TryGetDouble(out double number) && double.IsFinite(number):
                Add(list, key, AttributeKind.Double, BitConverter.DoubleToInt64Bits(number), scope);
                break;
            default:
                int start = (int)json.TokenStartIndex;
                json.Skip();
                ReadOnlySpan<byte> raw = record[start..(int)json.BytesConsumed];
                raw = System.Text.Unicode.Utf8.IsValid(raw) ? raw : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(raw));

                // Cut JSON is no JSON any more.
                Add(list, key, raw.Length > limits.AttributeBytes ? AttributeKind.String : AttributeKind.Json, Text(raw), scope);
                break;
        }
    }

    /// <summary>Reads the fields of the object that a reader stands on as attributes.</summary>
    public void AddFields(AttributeList list, ref Utf8JsonReader json, ReadOnlySpan<byte> record, AttributeScope scope = AttributeScope.Span)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            int key = Text(ref json);
            json.Read();
            if (json.TokenType != JsonTokenType.Null)
            {
                Add(list, key, ref json, record, scope);
            }
        }
    }

    /// <summary>Begins an event's attributes.</summary>
    public AttributeList BeginEvent()
    {
        _eventAttributes.Clear();
        return _eventAttributes;
    }

    /// <summary>Ends the event that was begun last.</summary>
    public void EndEvent(int name, long timeUnixNano)
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
            AttributeStart = _batch.AddAttributes(_eventAttributes.Items),
            AttributeCount = _eventAttributes.Count,
        });
    }

    /// <summary>Adds a link with one attribute.</summary>
    public void AddLink(TraceId traceId, SpanId spanId, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_links.Count >= limits.AttributesPerSpan)
        {
            _truncated = true;
            return;
        }

        SpanAttribute attribute = new(Text(key), AttributeKind.String, Text(value));
        _links.Add(new SpanLink { TraceId = traceId, SpanId = spanId, AttributeStart = _batch.AddAttribute(attribute), AttributeCount = 1 });
    }

    /// <summary>Appends <see cref="Resource"/> to the batch, unless the span before had the same one; returns where it is.</summary>
    public int Share()
    {
        if (Resource.Count > 0 && !Resource.IsSameAs(_lastShared))
        {
            _lastShared.CopyFrom(Resource);
            _lastSharedStart = _batch.AddAttributes(Resource.Items);
        }

        return _lastSharedStart;
    }

    /// <summary>Appends the span to the batch.</summary>
    public ref SpanRecord Commit()
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
            UseFallbackService(_batch, ref _span);
            statistics.ServiceFromSource++;
        }

        if (_truncated)
        {
            _span.Flags |= SpanFlags.Truncated;
            statistics.Truncated++;
        }

        statistics.Records++;
        statistics.SpanRecords += _span.IsSpan ? 1 : 0;
        ref SpanRecord added = ref _batch.AddSpan();
        added = _span;
        return ref added;
    }

    /// <summary>Names the source for want of a service.</summary>
    public void UseFallbackService(SpanBatch batch, ref SpanRecord span)
    {
        span.Service = batch.Strings.Add(_fallbackService);
        span.Flags |= SpanFlags.ServiceFromSource;
    }
}
