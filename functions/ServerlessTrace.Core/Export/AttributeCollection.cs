using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export;

/// <summary>
/// The attributes of one span, event or link with each key once, as other formats demand (OpenTelemetry, "Attribute Collections"). Keys that the
/// format itself writes are taken before. Reused from span to span.
/// </summary>
internal sealed class AttributeCollection(SpanBatch batch)
{
    private readonly int[] _takenIn = new int[batch.Strings.Count + 1];
    private GrowingArray<ExportedAttribute> _items = new(32);
    private int _round;

    /// <summary>What was collected, in order.</summary>
    public ReadOnlySpan<ExportedAttribute> Items => _items.Span(0, _items.Count);

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _items.Clear();
        _round++;
    }

    /// <summary>Takes a key, so that no attribute is collected under it.</summary>
    public bool Take(int key)
    {
        bool isNew = _takenIn[key] != _round;
        _takenIn[key] = _round;
        return isNew;
    }

    /// <summary>Takes a key by its name.</summary>
    public void Take(ReadOnlySpan<byte> key)
    {
        // Keys that no text of the batch equals need no taking. The empty text has the number of "none".
        int id = batch.Strings.Find(key);
        if (id > 0)
        {
            Take(id);
        }
    }

    /// <summary>Collects what describes the span itself: its own attributes, then its baggage.</summary>
    public void AddSpan(in SpanRecord span)
    {
        Add(batch.Attributes(in span), AttributeScope.Span);
        Add(batch.SharedAttributes(in span), AttributeScope.Span);
        Add(batch.Attributes(in span), AttributeScope.Baggage);
        Add(batch.SharedAttributes(in span), AttributeScope.Baggage);
    }

    /// <summary>Collects the attributes of an event or link.</summary>
    public void Add(ReadOnlySpan<SpanAttribute> attributes)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (Take(attribute.Key))
            {
                _items.Add() = new ExportedAttribute(attribute, IsPrefixed: false);
            }
        }
    }

    /// <summary>Collects the attributes of one scope; baggage whose key is taken gets a prefix.</summary>
    public void Add(ReadOnlySpan<SpanAttribute> attributes, AttributeScope scope)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (attribute.Scope == scope)
            {
                bool isNew = Take(attribute.Key);
                if (isNew || scope == AttributeScope.Baggage)
                {
                    _items.Add() = new ExportedAttribute(attribute, IsPrefixed: !isNew);
                }
            }
        }
    }
}
