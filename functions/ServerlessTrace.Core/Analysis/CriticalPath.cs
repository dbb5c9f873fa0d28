using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>
/// The spans that decided how long a trace took: at each moment of the root, the one span that it waited for. Found by
/// walking back from the root's end through the children that finished last, on raw times, each child clipped to its parent.
/// Children that a parent does not wait for (<see cref="AsynchronousCall"/>, or outside its time) are left out with their descendants.
/// Sections are disjoint, never empty, and together exactly as long as the root.
/// Linear but for sorting the children of a span, and without recursion. Reuse one by <see cref="Load"/>. Not thread-safe.
/// </summary>
public sealed class CriticalPath
{
    private GrowingArray<CriticalPathSection> _sections = new(32);
    private GrowingArray<Child> _children = new(32);
    private GrowingArray<Visit> _visits = new(16);

    /// <summary>A path of no trace, to be loaded.</summary>
    public CriticalPath()
    {
    }

    /// <summary>The critical path of a trace.</summary>
    public CriticalPath(Trace trace, CriticalPathMode mode = CriticalPathMode.Strict) => Load(trace, mode);

    /// <summary>How overlapping siblings were treated.</summary>
    public CriticalPathMode Mode { get; private set; }

    /// <summary>False where the trace has no root that ended: then there are no sections.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>The sections, latest first; valid until the next <see cref="Load"/>.</summary>
    public ReadOnlySpan<CriticalPathSection> Sections => _sections.Span(0, _sections.Count);

    /// <summary>Makes this the critical path of another trace.</summary>
    public void Load(Trace trace, CriticalPathMode mode)
    {
        ArgumentNullException.ThrowIfNull(trace);
        Mode = mode;
        _sections.Clear();
        _children.Clear();
        _visits.Clear();
        IsKnown = trace.Root >= 0 && (trace[trace.Root].Flags & SpanFlags.Ended) != 0;
        if (!IsKnown)
        {
            return;
        }

        ref readonly SpanRecord root = ref trace[trace.Root];
        Enter(trace, new Child(trace.Root, root.Start, root.End, root.SpanId));
        while (_visits.Count > 0)
        {
            Step(trace);
        }
    }

    /// <summary>Emits one section of the span that is visited and goes down to the child before it, or back up.</summary>
    private void Step(Trace trace)
    {
        ref Visit visit = ref _visits[_visits.Count - 1];
        if (NextChild(ref visit) is { } child)
        {
            Emit(visit.Span, child.End, visit.Cursor);
            visit.Cursor = child.Start;
            Enter(trace, child);
            return;
        }

        Emit(visit.Span, visit.Start, visit.Cursor);
        _children.Truncate(visit.FirstChild);
        _visits.Truncate(_visits.Count - 1);
    }

    private void Emit(int span, long start, long end)
    {
        if (start < end)
        {
            _sections.Add() = new CriticalPathSection(span, start, end);
        }
    }

    /// <summary>Begins a visit of a span within the time that its parent left to it.</summary>
    private void Enter(Trace trace, Child span)
    {
        int first = _children.Count;
        bool sorted = true;
        ReadOnlySpan<int> next = trace.NextSiblings;
        ref readonly SpanRecord parent = ref trace[span.Span];
        for (int i = trace.FirstChildren[span.Span]; i >= 0; i = next[i])
        {
            ref readonly SpanRecord record = ref trace[i];
            long start = Math.Max(record.Start, span.Start);
            long end = Math.Min(record.End, span.End);
            if (start < end && !AsynchronousCall.IsOne(in parent, in record))
            {
                var child = new Child(i, start, end, record.SpanId);
                sorted = sorted && (_children.Count == first || _children[_children.Count - 1].CompareTo(child) <= 0);
                _children.Add() = child;
            }
        }

        if (!sorted)
        {
            _children.Span(first, _children.Count - first).Sort();
        }

        // Tolerated are overlaps under a hundredth of the parent.
        long tolerance = Mode == CriticalPathMode.Tolerant ? (span.End - span.Start + 99) / 100 : 1;
        _visits.Add() = new Visit
        {
            Span = span.Span, Start = span.Start, Cursor = span.End, FirstChild = first, Remaining = _children.Count - first, Tolerance = tolerance,
        };
    }

    /// <summary>The child that finished last before the part of the span that is on the path already.</summary>
    private Child? NextChild(ref Visit visit)
    {
        while (visit.Remaining > 0)
        {
            Child child = _children[visit.FirstChild + --visit.Remaining];
            if (child.End - visit.Cursor < visit.Tolerance && child.Start < visit.Cursor)
            {
                return child with { End = Math.Min(child.End, visit.Cursor) };
            }
        }

        return null;
    }

    /// <summary>A child within its parent's time; in order of end, and of those that end together the one to choose comes last.</summary>
    private readonly record struct Child(int Span, long Start, long End, SpanId Id) : IComparable<Child>
    {
        public int CompareTo(Child other)
        {
            int order = End.CompareTo(other.End);
            order = order != 0 ? order : other.Start.CompareTo(Start);
            return order != 0 ? order : other.Id.CompareTo(Id);
        }
    }

    private struct Visit
    {
        public int Span;
        public long Start;

        /// <summary>From here to the span's end everything is on the path already.</summary>
        public long Cursor;

        public int FirstChild;
        public int Remaining;

        /// <summary>Overlaps with the child after it must be shorter than this.</summary>
        public long Tolerance;
    }
}
