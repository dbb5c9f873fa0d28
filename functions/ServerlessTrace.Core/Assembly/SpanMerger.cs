using System.Runtime.InteropServices;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>
/// Merges the parts of each span and groups the spans by trace. The merge of two parts is commutative, associative and
/// idempotent (<see cref="SpanPartMerge"/>), so neither order, nor batching, nor redelivery changes the result.
/// Linear in the records but for the final sort. Reuse one: it keeps its memory. Not thread-safe.
/// </summary>
public sealed class SpanMerger
{
    private readonly SpanPartMerge _parts = new();
    private readonly AmbiguousTimes _ambiguousTimes = new();
    private readonly SharedHalves _sharedHalves;
    private readonly List<TraceRange> _traces = [];
    private int[] _slots = new int[1024];
    private int[] _next = [];
    private int[] _group = new int[16];
    private SpanRecord[] _merged = [];
    private SpanOrder[] _order = [];
    private SpanBatch _batch = new();

    /// <summary>Ready to merge.</summary>
    public SpanMerger() => _sharedHalves = new SharedHalves(FindFirst);

    /// <summary>
    /// Merges a batch in place: afterwards it holds one record a span, grouped by trace, the traces in order of their ids,
    /// each trace's spans in order of start, longest first, then id, and records that only carry events last.
    /// The result is valid until the next call.
    /// </summary>
    public IReadOnlyList<TraceRange> Merge(SpanBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _batch = batch;
        int merged = MergeParts(batch, out bool ambiguous);
        if (_sharedHalves.TakeChange())
        {
            // Halves that had one id have two now, and may meet parts that had theirs before.
            merged = MergeParts(batch, out ambiguous);
        }

        batch.ReplaceSpans(_merged.AsSpan(0, merged));
        Sort(_merged.AsSpan(0, merged), batch.Spans);
        List<TraceRange> traces = GroupByTrace(batch);
        foreach (TraceRange trace in ambiguous ? traces : [])
        {
            if (_ambiguousTimes.Decide(batch, trace))
            {
                Span<SpanRecord> spans = batch.Spans.Slice(trace.Start, trace.Count);
                spans.CopyTo(_merged);
                Sort(_merged.AsSpan(0, trace.Count), spans);
            }
        }

        return traces;
    }

    private int MergeParts(SpanBatch batch, out bool ambiguous)
    {
        int count = batch.Count;
        SpanFlags flags = SpanFlags.None;
        PrepareSlots(count);
        int mask = _slots.Length - 1;
        int spans = 0;

        // Slots hold the first part of a span plus one; further parts hang on it.
        for (int i = 0; i < count; i++)
        {
            ref readonly SpanRecord record = ref batch[i];
            _next[i] = -1;
            int slot = Slot(record.TraceId, record.SpanId, mask);
            while (true)
            {
                int first = _slots[slot] - 1;
                if (first < 0)
                {
                    _slots[slot] = i + 1;
                    spans++;
                    break;
                }

                ref readonly SpanRecord other = ref batch[first];
                if (other.SpanId == record.SpanId && other.TraceId == record.TraceId)
                {
                    _next[i] = _next[first];
                    _next[first] = i;
                    break;
                }

                slot = (slot + 1) & mask;
            }
        }

        if (_merged.Length < spans)
        {
            _merged = new SpanRecord[Math.Max(spans, _merged.Length * 2)];
        }

        int written = 0;
        foreach (int entry in _slots)
        {
            if (entry != 0)
            {
                ref SpanRecord merged = ref _merged[written++];
                merged = _next[entry - 1] < 0 ? AmbiguousTimes.Recorded(in batch[entry - 1]) : MergeChain(batch, entry - 1);
                _parts.OrderEvents(batch, ref merged);
                flags |= merged.Flags;
                if ((merged.Flags & SpanFlags.SharedServer) != 0)
                {
                    _sharedHalves.Note(in merged, written - 1);
                }
            }
        }

        _sharedHalves.GiveTimes(_merged.AsSpan(0, written));
        ambiguous = (flags & SpanFlags.TimeIsAmbiguous) != 0;
        return written;
    }

    private int FindFirst(TraceId trace, SpanId span)
    {
        int mask = _slots.Length - 1;
        for (int slot = Slot(trace, span, mask); _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            ref readonly SpanRecord first = ref _batch[_slots[slot] - 1];
            if (first.SpanId == span && first.TraceId == trace)
            {
                return _slots[slot] - 1;
            }
        }

        return -1;
    }

    private SpanRecord MergeChain(SpanBatch batch, int first)
    {
        int length = 0;
        for (int part = first; part >= 0; part = _next[part])
        {
            if (length == _group.Length)
            {
                Array.Resize(ref _group, length * 2);
            }

            _group[length++] = part;
        }

        ReadOnlySpan<int> parts = _group.AsSpan(0, length);
        _sharedHalves.Split(batch, parts);
        return _parts.Merge(batch, parts);
    }

    private void PrepareSlots(int count)
    {
        int size = 1024;
        while (size < count * 2)
        {
            size *= 2;
        }

        if (_slots.Length < size || _slots.Length > size * 16)
        {
            _slots = new int[size];
        }
        else
        {
            Array.Clear(_slots);
        }

        if (_next.Length < count)
        {
            _next = new int[Math.Max(count, _next.Length * 2)];
        }
    }

    private void Sort(ReadOnlySpan<SpanRecord> from, Span<SpanRecord> to)
    {
        if (_order.Length < from.Length)
        {
            _order = new SpanOrder[Math.Max(from.Length, _order.Length * 2)];
        }

        Span<SpanOrder> order = _order.AsSpan(0, from.Length);
        for (int i = 0; i < from.Length; i++)
        {
            order[i] = new SpanOrder(in from[i], i);
        }

        order.Sort();
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = from[order[i].Index];
        }
    }

    private List<TraceRange> GroupByTrace(SpanBatch batch)
    {
        _traces.Clear();
        int start = 0;
        for (int i = 1; i <= batch.Count; i++)
        {
            if (i == batch.Count || batch[i].TraceId != batch[start].TraceId)
            {
                _traces.Add(new TraceRange(batch[start].TraceId, start, i - start));
                start = i;
            }
        }

        return _traces;
    }

    /// <summary>Where a span is looked for first.</summary>
    internal static int Slot(TraceId trace, SpanId span, int mask) => (int)SeededHash.Of(trace, span) & mask;

    /// <summary>The place of a record in its batch, small enough to sort quickly.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly struct SpanOrder(in SpanRecord record, int index) : IComparable<SpanOrder>
    {
        private readonly TraceId _trace = record.TraceId;
        private readonly int _class = record.IsSpan ? 0 : record.SpanId.IsZero ? 2 : 1;
        private readonly long _start = record.Start;
        private readonly long _end = record.End;
        private readonly SpanId _span = record.SpanId;

        public int Index { get; } = index;

        public int CompareTo(SpanOrder other)
        {
            int order = _trace.CompareTo(other._trace);
            if (order != 0)
            {
                return order;
            }

            order = _class.CompareTo(other._class);
            if (order != 0)
            {
                return order;
            }

            order = _start.CompareTo(other._start);
            if (order != 0)
            {
                return order;
            }

            order = other._end.CompareTo(_end);
            return order != 0 ? order : _span.CompareTo(other._span);
        }
    }
}
