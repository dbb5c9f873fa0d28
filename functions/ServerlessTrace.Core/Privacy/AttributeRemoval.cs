using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Privacy;

/// <summary>
/// Takes attributes out of a batch. Ranges may be shared, so what is left of one that loses some is written anew behind the others,
/// once for all who share it.
/// </summary>
internal sealed class AttributeRemoval(SpanBatch batch, Func<SpanAttribute, bool> isRemoved)
{
    private readonly Dictionary<(int Start, int Count), (int Start, int Count)> _shared = [];

    /// <summary>Takes them out of all records from one on.</summary>
    public void Run(int from)
    {
        foreach (ref SpanRecord span in batch.Spans[from..])
        {
            (span.AttributeStart, span.AttributeCount) = Rest(span.AttributeStart, span.AttributeCount);
            foreach (ref SpanEvent spanEvent in batch.MutableEvents(in span))
            {
                (spanEvent.AttributeStart, spanEvent.AttributeCount) = Rest(spanEvent.AttributeStart, spanEvent.AttributeCount);
            }

            foreach (ref SpanLink link in batch.MutableLinks(in span))
            {
                (link.AttributeStart, link.AttributeCount) = Rest(link.AttributeStart, link.AttributeCount);
            }

            (int Start, int Count) shared = (span.SharedStart, span.SharedCount);
            if (!_shared.TryGetValue(shared, out (int Start, int Count) rest))
            {
                _shared.Add(shared, rest = Rest(shared.Start, shared.Count));
            }

            (span.SharedStart, span.SharedCount) = rest;
        }
    }

    private (int Start, int Count) Rest(int start, int count)
    {
        SpanAttribute[] all = batch.Attributes(start, count).ToArray();
        SpanAttribute[] kept = Array.FindAll(all, attribute => !isRemoved(attribute));
        return kept.Length == all.Length ? (start, count) : (batch.AddAttributes(kept), kept.Length);
    }
}
