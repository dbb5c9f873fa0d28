using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis;

/// <summary>The spans of a trace with every parent before its children, siblings in order of start, and how deep each one is.</summary>
public sealed class TreeOrder
{
    private readonly int[] _spans;
    private readonly int[] _depths;

    /// <summary>Walks the trace's tree, without recursion.</summary>
    public TreeOrder(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        _spans = new int[trace.SpanCount];
        _depths = new int[trace.SpanCount];
        int written = 0;
        for (int root = trace.SpanCount > 0 ? FirstRoot(trace) : -1; root >= 0; root = trace.NextSiblings[root])
        {
            written = Walk(trace, root, written);
        }
    }

    /// <summary>Span indexes, parents before children.</summary>
    public ReadOnlySpan<int> Spans => _spans;

    /// <summary>How many parents each span has above it, by index.</summary>
    public ReadOnlySpan<int> Depths => _depths;

    private static int FirstRoot(Trace trace)
    {
        int first = 0;
        while (trace.Parents[first] >= 0)
        {
            first++;
        }

        return first;
    }

    private int Walk(Trace trace, int root, int written)
    {
        ReadOnlySpan<int> first = trace.FirstChildren;
        ReadOnlySpan<int> next = trace.NextSiblings;
        ReadOnlySpan<int> parents = trace.Parents;
        int depth = 0;
        int at = root;
        while (true)
        {
            _spans[written++] = at;
            _depths[at] = depth;
            if (first[at] >= 0)
            {
                at = first[at];
                depth++;
                continue;
            }

            while (at != root && next[at] < 0)
            {
                at = parents[at];
                depth--;
            }

            if (at == root)
            {
                return written;
            }

            at = next[at];
        }
    }
}
