using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>
/// Decides of each service of a trace whether the only time of its records is the span's start or its end (<see cref="SpanFlags.TimeIsAmbiguous"/>). Logs are
/// mostly written at the end, so that is the default. The start is chosen where fewer children and events lie outside their spans with it. The decision
/// is made anew whenever the trace is merged, from the times as they were recorded. Linear in the spans. Not thread-safe.
/// </summary>
internal sealed class AmbiguousTimes
{
    /// <summary>How far a child may lie outside its parent without contradicting it: logs cut to whole milliseconds, and clocks differ.</summary>
    private const long ToleranceNano = 2_000_000;

    private const int MostServices = 64;
    private const int Rounds = 4;

    private readonly List<int> _services = [];
    private readonly List<Evidence> _evidence = [];
    private readonly Dictionary<(int Child, int Parent), int[]> _pairs = [];
    private int[] _slots = [];
    private bool[] _isStart = [];

    /// <summary>A record as it was written, before a decision was made of it.</summary>
    public static SpanRecord Recorded(in SpanRecord record)
    {
        SpanRecord recorded = record;
        if ((record.Flags & SpanFlags.TimeReadAsStart) != 0)
        {
            recorded.EndUnixNano -= record.ReportedDurationPlusOne - 1;
            recorded.StartUnixNano = (record.Flags & SpanFlags.Started) != 0 ? record.StartUnixNano : 0;
            recorded.Flags &= ~SpanFlags.TimeReadAsStart;
        }

        return recorded;
    }

    /// <summary>Decides of a trace's merged spans; returns whether any time changed.</summary>
    public bool Decide(SpanBatch batch, TraceRange range)
    {
        Span<SpanRecord> spans = batch.Spans.Slice(range.Start, range.Count);
        if (!CollectServices(spans))
        {
            return false;
        }

        IndexIds(spans);
        CollectEvidence(batch, spans);
        Choose();
        bool changed = false;
        foreach (ref SpanRecord span in spans)
        {
            if (IsAmbiguous(in span) && ReadsAsStart(in span))
            {
                ReadAsStart(ref span);
                changed = true;
            }
        }

        return changed;
    }

    private static bool IsAmbiguous(in SpanRecord span) =>
        (span.Flags & SpanFlags.TimeIsAmbiguous) != 0 && span.EndUnixNano != 0 && span.ReportedDurationPlusOne > 1;

    /// <summary>A start that another record tells is decisive: the time is one of the two that follow from it.</summary>
    private bool ReadsAsStart(in SpanRecord span)
    {
        if (span.StartUnixNano != 0)
        {
            long fromStart = Math.Abs(span.EndUnixNano - span.StartUnixNano);
            return fromStart < Math.Abs(fromStart - (span.ReportedDurationPlusOne - 1));
        }

        int service = ServiceOf(in span);
        return service >= 0 && _isStart[service];
    }

    private static void ReadAsStart(ref SpanRecord span)
    {
        long duration = span.ReportedDurationPlusOne - 1;
        if (duration > long.MaxValue - span.EndUnixNano)
        {
            return;
        }

        span.StartUnixNano = span.StartUnixNano != 0 ? span.StartUnixNano : span.EndUnixNano;
        span.EndUnixNano += duration;
        span.Flags |= SpanFlags.TimeReadAsStart;
    }

    private bool CollectServices(ReadOnlySpan<SpanRecord> spans)
    {
        _services.Clear();
        bool any = false;
        foreach (ref readonly SpanRecord span in spans)
        {
            if (IsAmbiguous(in span))
            {
                any = true;
                if (_services.Count < MostServices && !_services.Contains(span.Service))
                {
                    _services.Add(span.Service);
                }
            }
        }

        return any;
    }

    /// <summary>The number of an undecided span's service; -1 for one whose times are known.</summary>
    private int ServiceOf(in SpanRecord span) => IsAmbiguous(in span) && span.StartUnixNano == 0 ? _services.IndexOf(span.Service) : -1;

    private void IndexIds(ReadOnlySpan<SpanRecord> spans)
    {
        int slots = 16;
        while (slots < spans.Length * 2)
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

        for (int i = 0; i < spans.Length; i++)
        {
            int slot = Trace.Slot(spans[i].SpanId, slots - 1);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (slots - 1);
            }

            _slots[slot] = i + 1;
        }
    }

    private int IndexOf(ReadOnlySpan<SpanRecord> spans, SpanId id)
    {
        int mask = _slots.Length - 1;
        for (int slot = Trace.Slot(id, mask); _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            if (spans[_slots[slot] - 1].SpanId == id)
            {
                return _slots[slot] - 1;
            }
        }

        return -1;
    }

    private void CollectEvidence(SpanBatch batch, ReadOnlySpan<SpanRecord> spans)
    {
        _evidence.Clear();
        _pairs.Clear();
        foreach (ref readonly SpanRecord span in spans)
        {
            if (!span.IsSpan)
            {
                continue;
            }

            int service = ServiceOf(in span);
            if (service >= 0 && span.EventCount > 0)
            {
                Add(service, service, 0, AreOutside(batch.Events(in span), in span, isStart: false));
                Add(service, service, 3, AreOutside(batch.Events(in span), in span, isStart: true));
            }

            int parent = span.ParentSpanId.IsZero ? -1 : IndexOf(spans, span.ParentSpanId);
            if (parent >= 0 && spans[parent].SpanId != span.SpanId && spans[parent].IsSpan)
            {
                Compare(in span, service, in spans[parent], ServiceOf(in spans[parent]));
            }
        }

        foreach (((int child, int parent), int[] outside) in _pairs)
        {
            _evidence.Add(new Evidence(child, parent, outside));
        }
    }

    private void Compare(in SpanRecord child, int service, in SpanRecord parent, int parentService)
    {
        if ((service < 0 && parentService < 0) || child.IsOpen || parent.IsOpen || AsynchronousCall.IsOne(in parent, in child))
        {
            return;
        }

        for (int choice = 0; choice < 4; choice++)
        {
            bool isOutside = IsOutside(in child, (choice & 1) != 0 && service >= 0, in parent, (choice & 2) != 0 && parentService >= 0);
            Add(service, parentService, choice, isOutside);
        }
    }

    /// <summary>Counts a span outside another: by choice, of which bit 0 is whether the child's time is the start, and bit 1 whether the parent's is.</summary>
    private void Add(int child, int parent, int choice, bool isOutside)
    {
        if (!isOutside)
        {
            return;
        }

        if (!_pairs.TryGetValue((child, parent), out int[]? counts))
        {
            _pairs.Add((child, parent), counts = new int[4]);
        }

        counts[choice]++;
    }

    private static bool IsOutside(in SpanRecord child, bool childIsStart, in SpanRecord parent, bool parentIsStart)
    {
        (long start, long end) = Times(in child, childIsStart);
        (long from, long to) = Times(in parent, parentIsStart);
        return start < from - ToleranceNano || end > to + ToleranceNano;
    }

    private static bool AreOutside(ReadOnlySpan<SpanEvent> events, in SpanRecord span, bool isStart)
    {
        (long from, long to) = Times(in span, isStart);
        foreach (ref readonly SpanEvent spanEvent in events)
        {
            if (spanEvent.TimeUnixNano != 0 && (spanEvent.TimeUnixNano < from - ToleranceNano || spanEvent.TimeUnixNano > to + ToleranceNano))
            {
                return true;
            }
        }

        return false;
    }

    private static (long Start, long End) Times(in SpanRecord span, bool isStart)
    {
        long most = long.MaxValue - ToleranceNano - span.EndUnixNano;
        return isStart ? (span.EndUnixNano, span.EndUnixNano + Math.Min(span.ReportedDurationPlusOne - 1, most)) : (span.Start, span.End);
    }

    /// <summary>From all ends or all starts, whichever fits better, service by service as long as that fits better still.</summary>
    private void Choose()
    {
        if (_isStart.Length < _services.Count)
        {
            _isStart = new bool[MostServices];
        }

        Array.Fill(_isStart, true);
        int best = Outside();
        Array.Fill(_isStart, false);
        int asEnds = Outside();
        if (best < asEnds)
        {
            Array.Fill(_isStart, true);
        }

        best = Math.Min(best, asEnds);
        for (int round = 0; best > 0 && _services.Count > 1 && round < Rounds; round++)
        {
            int before = best;
            for (int service = 0; service < _services.Count; service++)
            {
                _isStart[service] = !_isStart[service];
                int outside = Outside();
                bool better = outside < best;
                best = better ? outside : best;
                _isStart[service] ^= !better;
            }

            round = best == before ? Rounds : round;
        }
    }

    private int Outside()
    {
        int outside = 0;
        foreach (Evidence evidence in _evidence)
        {
            int child = evidence.Child >= 0 && _isStart[evidence.Child] ? 1 : 0;
            int parent = evidence.Parent >= 0 && _isStart[evidence.Parent] ? 2 : 0;
            outside += evidence.Outside[child | parent];
        }

        return outside;
    }

    /// <summary>How many children of one service lie outside their parents of another, by what their times are.</summary>
    private readonly record struct Evidence(int Child, int Parent, int[] Outside);
}
