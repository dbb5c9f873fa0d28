using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis;

/// <summary>
/// How much each span matters for how long its trace took. The trace is replayed under this reading: a span begins when all siblings that had ended
/// by then have ended, plus the time in between; its parent ends when all its children have ended, plus the time after them. Then
/// <list type="bullet">
/// <item>slack is how much longer a span could take without the root taking longer;</item>
/// <item>drag is how much shorter the root would be if the span took no time (and so its descendants): never more than the slack of what runs beside it.</item>
/// </list>
/// Children are clipped to their parents, and those that nobody waits for are left out, as on the critical path, whose (strict) spans all have no slack.
/// O(n log n) for n children of one span, and without recursion.
/// </summary>
public sealed class SpanSlack
{
    private readonly Trace _trace;
    private readonly long[] _slack;
    private readonly long[] _drag;
    private readonly long[] _start;
    private readonly long[] _end;
    private readonly PriorityQueue<int, long> _beside = new();
    private Child[] _children = [];
    private long[] _latest = [];

    /// <summary>Measures all spans of a trace.</summary>
    public SpanSlack(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        _trace = trace;
        _slack = new long[trace.SpanCount];
        _drag = new long[trace.SpanCount];
        _start = new long[trace.SpanCount];
        _end = new long[trace.SpanCount];
        Array.Fill(_slack, -1);
        if (trace.Root < 0 || trace[trace.Root].IsOpen)
        {
            return;
        }

        (_start[trace.Root], _end[trace.Root]) = (trace[trace.Root].Start, trace[trace.Root].End);
        _slack[trace.Root] = 0;
        _drag[trace.Root] = trace[trace.Root].Duration;
        foreach (int span in new TreeOrder(trace).Spans)
        {
            if (_slack[span] >= 0)
            {
                MeasureChildren(span);
            }
        }
    }

    /// <summary>Each span's slack in ns, by index; -1 where the root does not wait for it at all.</summary>
    public ReadOnlySpan<long> Slack => _slack;

    /// <summary>Each span's drag in ns, by index; 0 where it has slack.</summary>
    public ReadOnlySpan<long> Drag => _drag;

    private void MeasureChildren(int parent)
    {
        int count = CollectChildren(parent);
        if (count == 0)
        {
            return;
        }

        Span<Child> children = _children.AsSpan(0, count);
        children.Sort();
        FindSlack(children);
        FindDrag(children);
        foreach (ref readonly Child child in children)
        {
            _slack[child.Span] = child.Slack + _slack[parent];
            _drag[child.Span] = Math.Min(child.Drag, _drag[parent]);
            (_start[child.Span], _end[child.Span]) = (child.Start, child.End);
        }
    }

    private int CollectChildren(int parent)
    {
        int count = 0;
        ReadOnlySpan<int> next = _trace.NextSiblings;
        for (int i = _trace.FirstChildren[parent]; i >= 0; i = next[i])
        {
            long start = Math.Max(_trace[i].Start, _start[parent]);
            long end = Math.Min(_trace[i].End, _end[parent]);
            if (start < end && !AsynchronousCall.IsOne(in _trace[parent], in _trace[i]))
            {
                if (count == _children.Length)
                {
                    Array.Resize(ref _children, Math.Max(16, count * 2));
                    Array.Resize(ref _latest, _children.Length + 1);
                }

                _children[count++] = new Child { Span = i, Start = start, End = end };
            }
        }

        return count;
    }

    /// <summary>Walks back from the last child: each may end as late as the earliest of those after it allows.</summary>
    private void FindSlack(Span<Child> children)
    {
        FindLags(children);
        long last = children[0].End;
        foreach (ref readonly Child child in children)
        {
            last = Math.Max(last, child.End);
        }

        // _latest[i]: when all children from the i-th on, in order of start, let those before them end at the latest.
        _latest[children.Length] = last;
        for (int i = children.Length - 1; i >= 0; i--)
        {
            long latestEnd = _latest[FirstFrom(children, children[i].End)];
            children[i].Slack = latestEnd - children[i].End;
            _latest[i] = Math.Min(_latest[i + 1], children[i].Start + children[i].Slack - children[i].Lag);
        }
    }

    /// <summary>The time between the last end before each child and its start; of a first child, nothing before it ends.</summary>
    private static void FindLags(Span<Child> children)
    {
        var ends = new long[children.Length];
        for (int i = 0; i < children.Length; i++)
        {
            ends[i] = children[i].End;
        }

        Array.Sort(ends);
        int ended = 0;
        foreach (ref Child child in children)
        {
            while (ended < ends.Length && ends[ended] <= child.Start)
            {
                ended++;
            }

            child.Lag = ended == 0 ? 0 : child.Start - ends[ended - 1];
        }
    }

    /// <summary>The first child that starts at a time or later.</summary>
    private static int FirstFrom(Span<Child> children, long time)
    {
        int low = 0;
        int high = children.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = children[middle].Start >= time ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    /// <summary>What a child without slack drags is bounded by the least slack beside it; two without slack beside each other drag nothing.</summary>
    private void FindDrag(Span<Child> children)
    {
        _beside.Clear();
        int entered = 0;
        for (int i = 0; i < children.Length; i++)
        {
            if (children[i].Slack > 0)
            {
                continue;
            }

            ref Child child = ref children[i];
            for (; entered < children.Length && children[entered].Start < child.End; entered++)
            {
                _beside.Enqueue(entered, children[entered].Slack);
            }

            child.Drag = Math.Min(child.End - child.Start, LeastBeside(children, i));
        }
    }

    private long LeastBeside(Span<Child> children, int index)
    {
        // The child itself lies in the queue, too, and is put back.
        bool self = false;
        long least = long.MaxValue;
        while (_beside.TryPeek(out int other, out long slack))
        {
            if (other != index && children[other].End > children[index].Start)
            {
                least = slack;
                break;
            }

            _beside.Dequeue();
            self |= other == index;
        }

        if (self)
        {
            _beside.Enqueue(index, 0);
        }

        return least;
    }

    private struct Child : IComparable<Child>
    {
        public int Span;
        public long Start;
        public long End;
        public long Lag;
        public long Slack;
        public long Drag;

        public readonly int CompareTo(Child other)
        {
            int order = Start.CompareTo(other.Start);
            return order != 0 ? order : Span.CompareTo(other.Span);
        }
    }
}
