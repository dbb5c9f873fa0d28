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
    private int _sharedServers;

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
    public int Root { get; private set; }

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
    public int MissingParentCount { get; private set; }

    /// <summary>How many spans lost their parent because they were their own ancestors.</summary>
    public int CycleCount { get; private set; }

    /// <summary>How many spans have no present parent.</summary>
    public int RootCount { get; private set; }

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
        FindParents();
        BreakCycles();
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
        ErrorCount = OpenCount = _sharedServers = 0;
        for (int i = 0; i < SpanCount; i++)
        {
            ref readonly SpanRecord span = ref this[i];
            Widen(span.Start, span.End);
            ErrorCount += span.Status == SpanStatus.Error ? 1 : 0;
            OpenCount += span.IsOpen ? 1 : 0;
            _sharedServers += (span.Flags & SpanFlags.SharedServer) != 0 ? 1 : 0;
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

    private void FindParents()
    {
        MissingParentCount = 0;
        CycleCount = 0;
        for (int i = 0; i < SpanCount; i++)
        {
            SpanId parent = this[i].ParentSpanId;
            _parent[i] = parent.IsZero ? -1 : IndexOf(parent);
            if (_sharedServers > 0)
            {
                _parent[i] = FindParentAmongShared(i);
            }

            MissingParentCount += !parent.IsZero && _parent[i] < 0 ? 1 : 0;
        }
    }

    /// <summary>
    /// Finds a parent where calls may have one id for both halves. The server's half hangs on the client's, if that is there, else
    /// on what both name as parent. A span that names the shared id means the half in its own service, as Zipkin's own tree
    /// does (<c>zipkin2.internal.SpanNode</c>); or the only half that is there.
    /// </summary>
    private int FindParentAmongShared(int span)
    {
        ref readonly SpanRecord record = ref this[span];
        if ((record.Flags & SpanFlags.SharedServer) != 0 && IndexOf(SharedSpan.ClientHalf(record.SpanId)) is >= 0 and int client)
        {
            return client;
        }

        int named = _parent[span];
        int server = record.ParentSpanId.IsZero ? -1 : IndexOf(SharedSpan.ServerHalf(record.ParentSpanId));
        return server >= 0 && server != span && (this[server].Flags & SpanFlags.SharedServer) != 0 && (named < 0 || this[server].Service == record.Service)
            ? server
            : named;
    }

    /// <summary>Walks up from every span; whoever meets its own walk closes a cycle, whose earliest span becomes a root.</summary>
    private void BreakCycles()
    {
        // _nextSibling holds the number of the walk that visited a span, until the children are linked.
        Span<int> walk = _nextSibling.AsSpan(0, SpanCount);
        walk.Fill(-1);
        for (int i = 0; i < SpanCount; i++)
        {
            int at = i;
            while (at >= 0 && walk[at] < 0)
            {
                walk[at] = i;
                at = _parent[at];
            }

            if (at >= 0 && walk[at] == i)
            {
                int earliest = at;
                for (int member = _parent[at]; member != at; member = _parent[member])
                {
                    earliest = Math.Min(earliest, member);
                }

                _parent[earliest] = -1;
                CycleCount++;
            }
        }
    }

    private void LinkChildren()
    {
        _firstChild.AsSpan(0, SpanCount).Fill(-1);
        _lastChild.AsSpan(0, SpanCount).Fill(-1);
        _nextSibling.AsSpan(0, SpanCount).Fill(-1);
        Root = -1;
        RootCount = 0;
        int lastRoot = -1;
        for (int i = 0; i < SpanCount; i++)
        {
            int parent = _parent[i];
            int previous;
            if (parent < 0)
            {
                RootCount++;
                previous = lastRoot;
                lastRoot = i;
                Root = Root < 0 || (IsCut(Root) && !IsCut(i)) ? i : Root;
            }
            else
            {
                previous = _lastChild[parent];
                _lastChild[parent] = i;
                _firstChild[parent] = previous < 0 ? i : _firstChild[parent];
            }

            if (previous >= 0)
            {
                _nextSibling[previous] = i;
            }
        }
    }

    /// <summary>Whether a span without a parent has one after all, from which it was cut to break a cycle: any other root is a better one.</summary>
    private bool IsCut(int root) => CycleCount > 0 && !this[root].ParentSpanId.IsZero && IndexOf(this[root].ParentSpanId) >= 0;

    private static int Slot(SpanId id, int mask) => (int)((id.Value * 0x9E3779B97F4A7C15) >> 32) & mask;
}
