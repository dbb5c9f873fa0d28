using ServerlessTrace.Core.Assembly.Repair;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>
/// One trace as a tree over a range of merged spans, in arrays: spans are known by their index in order of start, longest
/// first, then id. Children are linked in that same order. Reuse one by <see cref="Load"/>: it keeps its memory. Not thread-safe.
/// </summary>
public sealed class Trace
{
    private int[] _parent = [];
    private int[] _firstChild = [];
    private int[] _lastChild = [];
    private int[] _nextSibling = [];
    private int[] _slots = [];
    private int _start;
    private TreeRepairs _repairs;

    /// <summary>An empty trace, to be loaded.</summary>
    public Trace()
    {
    }

    /// <summary>The trace of a range of merged spans.</summary>
    public Trace(SpanBatch merged, TraceRange range) => Load(merged, range);

    /// <summary>Where the spans and their texts live.</summary>
    public SpanBatch Batch { get; private set; } = new();

    /// <summary>The trace's id.</summary>
    public TraceId Id { get; private set; }

    /// <summary>How many spans there are; records that only carry events do not count.</summary>
    public int SpanCount { get; private set; }

    /// <summary>How many records there are: spans, then records that only carry events of spans never seen or of the trace itself.</summary>
    public int RecordCount { get; private set; }

    /// <summary>The root: the earliest span without a present parent, then the longest, or else the earliest of a cycle; -1 where there are no spans.</summary>
    public int Root => _repairs.Root;

    /// <summary>The earliest start of a span, else the earliest event, in ns since 1970 UTC; 0 where nothing has a time.</summary>
    public long Start { get; private set; }

    /// <summary>The latest end of a span in ns since 1970 UTC.</summary>
    public long End { get; private set; }

    /// <summary>From the earliest start to the latest end, in ns.</summary>
    public long Duration => End - Start;

    /// <summary>How many spans failed.</summary>
    public int ErrorCount { get; private set; }

    /// <summary>How many spans started and have no end.</summary>
    public int OpenCount { get; private set; }

    /// <summary>How many spans name a parent that is not there.</summary>
    public int MissingParentCount => _repairs.MissingParents;

    /// <summary>How many spans lost their parent because they were their own ancestors.</summary>
    public int CycleCount => _repairs.Cycles;

    /// <summary>How many spans have no present parent.</summary>
    public int RootCount => _repairs.Roots;

    /// <summary>How many spans had the id of the client's span that called them and hang on it.</summary>
    public int SharedSpanCount => _repairs.SharedSpans;

    /// <summary>How many spans are marked <see cref="SpanFlags.SharedServer"/>.</summary>
    internal int SharedServerCount { get; private set; }

    /// <summary>ERROR if any span failed, else INCOMPLETE if any is open or there is none, else OK.</summary>
    public TraceStatus Status =>
        ErrorCount > 0 ? TraceStatus.Error : OpenCount > 0 || SpanCount == 0 ? TraceStatus.Incomplete : TraceStatus.Ok;

    /// <summary>A record by its index: spans first.</summary>
    public ref readonly SpanRecord this[int index] => ref Batch[_start + index];

    /// <summary>Each span's parent; -1 where it has none that is present.</summary>
    public ReadOnlySpan<int> Parents => _parent.AsSpan(0, SpanCount);

    /// <summary>Each span's earliest child; -1 where it has none.</summary>
    public ReadOnlySpan<int> FirstChildren => _firstChild.AsSpan(0, SpanCount);

    /// <summary>Each span's latest-starting child; -1 where it has none.</summary>
    public ReadOnlySpan<int> LastChildren => _lastChild.AsSpan(0, SpanCount);

    /// <summary>Each span's next sibling (or next root); -1 where it is the last.</summary>
    public ReadOnlySpan<int> NextSiblings => _nextSibling.AsSpan(0, SpanCount);

    /// <summary>The index of a span by its id; -1 where it is not there.</summary>
    public int IndexOf(SpanId id)
    {
        int mask = _slots.Length - 1;
        for (int slot = Slot(id, mask); _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            if (this[_slots[slot] - 1].SpanId == id)
            {
                return _slots[slot] - 1;
            }
        }

        return -1;
    }

    /// <summary>Makes this the trace of another range of merged spans.</summary>
    public void Load(SpanBatch merged, TraceRange range)
    {
        ArgumentNullException.ThrowIfNull(merged);
        Batch = merged;
        Id = range.TraceId;
        _start = range.Start;
        RecordCount = range.Count;
        SpanCount = CountSpans();
        Prepare(SpanCount);
        Measure();
        IndexIds();
        _repairs = RepairPasses.LinkParents(this, _parent.AsSpan(0, SpanCount), _nextSibling.AsSpan(0, SpanCount));
        LinkChildren();
    }

    private int CountSpans()
    {
        int count = RecordCount;
        while (count > 0 && !this[count - 1].IsSpan)
        {
            count--;
        }

        return count;
    }

    private void Prepare(int count)
    {
        if (_parent.Length < count)
        {
            int capacity = Math.Max(16, Math.Max(count, _parent.Length * 2));
            _parent = new int[capacity];
            _firstChild = new int[capacity];
            _lastChild = new int[capacity];
            _nextSibling = new int[capacity];
        }

        int slots = 16;
        while (slots < count * 2)
        {
            slots *= 2;
        }

        if (_slots.Length == slots)
        {
            Array.Clear(_slots);
        }
        else
        {
            _slots = new int[slots];
        }
    }

    private void Measure()
    {
        Start = End = 0;
        ErrorCount = OpenCount = SharedServerCount = 0;
        for (int i = 0; i < SpanCount; i++)
        {
            ref readonly SpanRecord span = ref this[i];
            Widen(span.Start, span.End);
            ErrorCount += span.Status == SpanStatus.Error ? 1 : 0;
            OpenCount += span.IsOpen ? 1 : 0;
            SharedServerCount += (span.Flags & SpanFlags.SharedServer) != 0 ? 1 : 0;
        }

        if (SpanCount == 0)
        {
            for (int i = 0; i < RecordCount; i++)
            {
                foreach (ref readonly SpanEvent spanEvent in Batch.Events(in this[i]))
                {
                    Widen(spanEvent.TimeUnixNano, spanEvent.TimeUnixNano);
                }
            }
        }
    }

    private void Widen(long start, long end)
    {
        if (start != 0)
        {
            Start = Start == 0 ? start : Math.Min(Start, start);
            End = Math.Max(End, end);
        }
    }

    private void IndexIds()
    {
        int mask = _slots.Length - 1;
        for (int i = 0; i < SpanCount; i++)
        {
            int slot = Slot(this[i].SpanId, mask);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            _slots[slot] = i + 1;
        }
    }

    private void LinkChildren()
    {
        _firstChild.AsSpan(0, SpanCount).Fill(-1);
        _lastChild.AsSpan(0, SpanCount).Fill(-1);
        _nextSibling.AsSpan(0, SpanCount).Fill(-1);
        int lastRoot = -1;
        for (int i = 0; i < SpanCount; i++)
        {
            int parent = _parent[i];
            int previous = parent < 0 ? lastRoot : _lastChild[parent];
            if (parent < 0)
            {
                lastRoot = i;
            }
            else
            {
                _lastChild[parent] = i;
                _firstChild[parent] = previous < 0 ? i : _firstChild[parent];
            }

            if (previous >= 0)
            {
                _nextSibling[previous] = i;
            }
        }
    }

    /// <summary>Where a span is looked for first.</summary>
    internal static int Slot(SpanId id, int mask) => (int)SeededHash.Of(id.Value) & mask;
}
