using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>The attributes of the record being read, until it is known whether and where they go.</summary>
internal sealed class AttributeList
{
    private SpanAttribute[] _items = new SpanAttribute[32];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>All of them, valid until the next write.</summary>
    public Span<SpanAttribute> Items => _items.AsSpan(0, Count);

    /// <summary>Appends one.</summary>
    public void Add(in SpanAttribute attribute)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Count * 2);
        }

        _items[Count++] = attribute;
    }

    /// <summary>Gives the attribute of the same key and scope another value; false if there is none.</summary>
    public bool TryReplace(in SpanAttribute attribute)
    {
        foreach (ref SpanAttribute item in Items)
        {
            if (item.Key == attribute.Key && item.Scope == attribute.Scope)
            {
                item = attribute;
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives an attribute its value.</summary>
    public void SetBits(int index, long bits)
    {
        ref SpanAttribute item = ref _items[index];
        item = item with { Bits = bits };
    }

    /// <summary>Whether another list has the same attributes in the same order.</summary>
    public bool IsSameAs(AttributeList other)
    {
        ReadOnlySpan<SpanAttribute> left = Items;
        ReadOnlySpan<SpanAttribute> right = other.Items;
        bool same = left.Length == right.Length;
        for (int i = 0; same && i < left.Length; i++)
        {
            same = left[i].Key == right[i].Key && left[i].Bits == right[i].Bits && left[i].Kind == right[i].Kind;
        }

        return same;
    }

    /// <summary>Takes over another list's attributes.</summary>
    public void CopyFrom(AttributeList other)
    {
        Count = 0;
        foreach (ref readonly SpanAttribute attribute in other.Items)
        {
            Add(attribute);
        }
    }

    /// <summary>Takes one away.</summary>
    public void RemoveAt(int index)
    {
        Items[(index + 1)..].CopyTo(Items[index..]);
        Count--;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => Count = 0;
}
