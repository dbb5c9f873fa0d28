namespace ServerlessTrace.Core.Spans;

/// <summary>
/// Copies some records of a batch to another batch, with their attributes, events, links and just the texts that they use. Reuse one: it
/// keeps its memory. Not thread-safe.
/// </summary>
public sealed class SpanBatchCopy
{
    private readonly Dictionary<(int Start, int Count), int> _shared = [];
    private SpanBatch _from = new();
    private SpanBatch _to = new();

    // By the source's number of a text, the target's; 0 where it was not copied yet.
    private int[] _texts = [];

    /// <summary>Sets out to copy from a batch, which does not change meanwhile, to another.</summary>
    public void Begin(SpanBatch from, SpanBatch to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        _from = from;
        _to = to;
        _shared.Clear();
        if (_texts.Length < from.Strings.Count)
        {
            _texts = new int[Math.Max(from.Strings.Count, _texts.Length * 2)];
        }
        else
        {
            Array.Clear(_texts, 0, from.Strings.Count);
        }
    }

    /// <summary>Appends a copy of one of the source's records.</summary>
    public void Add(in SpanRecord record)
    {
        SpanRecord copy = record;
        copy.Service = Text(record.Service);
        copy.Name = Text(record.Name);
        copy.StatusMessage = Text(record.StatusMessage);
        copy.TraceState = Text(record.TraceState);
        copy.AttributeStart = Attributes(record.AttributeStart, record.AttributeCount);
        copy.SharedStart = Shared(record.SharedStart, record.SharedCount);
        copy.EventStart = Events(in record);
        copy.LinkStart = Links(in record);
        _to.AddSpan() = copy;
    }

    private int Text(int number)
    {
        if (number == 0)
        {
            return 0;
        }

        ref int known = ref _texts[number];
        return known != 0 ? known : known = _to.Strings.Add(_from.Strings[number]);
    }

    private int Shared(int start, int count)
    {
        if (count == 0)
        {
            return 0;
        }

        if (!_shared.TryGetValue((start, count), out int copied))
        {
            _shared[(start, count)] = copied = Attributes(start, count);
        }

        return copied;
    }

    private int Attributes(int start, int count)
    {
        int copied = _to.AttributeCount;
        foreach (ref readonly SpanAttribute attribute in _from.MutableAttributes(start, count))
        {
            _to.AddAttribute(attribute with { Key = Text(attribute.Key), Bits = attribute.IsText ? Text(attribute.Text) : attribute.Bits });
        }

        return copied;
    }

    private int Events(in SpanRecord record)
    {
        int copied = _to.EventCount;
        foreach (ref readonly SpanEvent spanEvent in _from.Events(in record))
        {
            int attributes = Attributes(spanEvent.AttributeStart, spanEvent.AttributeCount);
            _to.AddEvent(spanEvent with { Name = Text(spanEvent.Name), AttributeStart = attributes });
        }

        return copied;
    }

    private int Links(in SpanRecord record)
    {
        int copied = _to.LinkCount;
        foreach (ref readonly SpanLink link in _from.Links(in record))
        {
            _to.AddLink(link with { AttributeStart = Attributes(link.AttributeStart, link.AttributeCount) });
        }

        return copied;
    }
}
