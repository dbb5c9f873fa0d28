using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>A total order by content of what belongs to a batch, whatever numbers its texts have.</summary>
internal sealed class BatchOrder : IComparer<SpanAttribute>, IComparer<SpanEvent>, IComparer<SpanLink>
{
    public SpanBatch Batch { get; set; } = new();

    /// <summary>By scope, key, rank, then value.</summary>
    public int Compare(SpanAttribute x, SpanAttribute y)
    {
        int order = x.Scope.CompareTo(y.Scope);
        order = order != 0 ? order : CompareText(x.Key, y.Key);
        order = order != 0 ? order : x.Rank.CompareTo(y.Rank);
        order = order != 0 ? order : x.Kind.CompareTo(y.Kind);
        return order != 0 ? order : x.IsText ? CompareText(x.Text, y.Text) : x.Bits.CompareTo(y.Bits);
    }

    /// <summary>By time, name, then attributes.</summary>
    public int Compare(SpanEvent x, SpanEvent y)
    {
        int order = x.TimeUnixNano.CompareTo(y.TimeUnixNano);
        order = order != 0 ? order : CompareText(x.Name, y.Name);
        return order != 0 ? order : Compare(Batch.Attributes(in x), Batch.Attributes(in y));
    }

    /// <summary>By ids, then attributes.</summary>
    public int Compare(SpanLink x, SpanLink y)
    {
        int order = x.TraceId.CompareTo(y.TraceId);
        order = order != 0 ? order : x.SpanId.CompareTo(y.SpanId);
        return order != 0 ? order : Compare(Batch.Attributes(in x), Batch.Attributes(in y));
    }

    private int Compare(ReadOnlySpan<SpanAttribute> x, ReadOnlySpan<SpanAttribute> y)
    {
        int order = x.Length.CompareTo(y.Length);
        for (int i = 0; order == 0 && i < x.Length; i++)
        {
            order = Compare(x[i], y[i]);
        }

        return order;
    }

    private int CompareText(int x, int y) => x == y ? 0 : Batch.Strings[x].SequenceCompareTo(Batch.Strings[y]);
}
