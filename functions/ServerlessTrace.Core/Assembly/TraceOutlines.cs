using System.Buffers;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>
/// Collects of records, from several threads, just what outlines of their traces need: ids, times, status, service and name. So a million spans
/// take a tenth of the memory that they take whole. The traces are divided into parts that are assembled side by side, each small enough for the caches.
/// </summary>
public sealed class TraceOutlines
{
    private const int PartBits = 8;

    private readonly StringTable _texts = new();
    private readonly RecordOutlineList[] _parts = [.. Enumerable.Range(0, 1 << PartBits).Select(_ => new RecordOutlineList())];

    /// <summary>Takes what is needed of a batch's records; the batch may be cleared afterwards. Thread-safe.</summary>
    public void Add(SpanBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int[] texts = ArrayPool<int>.Shared.Rent(batch.Strings.Count);
        int[] order = ArrayPool<int>.Shared.Rent(batch.Count);
        try
        {
            Array.Clear(texts, 0, batch.Strings.Count);
            Span<int> ends = stackalloc int[1 << PartBits];
            OrderByPart(batch, order, ends);
            for (int part = 0, from = 0; part < ends.Length; from = ends[part++])
            {
                lock (_parts[part])
                {
                    foreach (int index in order.AsSpan(from, ends[part] - from))
                    {
                        ref readonly SpanRecord record = ref batch[index];
                        int service = Text(batch, record.Service, texts);
                        int name = Text(batch, record.Name, texts);
                        _parts[part].Add().Take(batch, in record, service, name);
                        if ((record.Flags & SpanFlags.TimeIsAmbiguous) != 0 && record.EventCount > 0)
                        {
                            _parts[part].Add().Take(batch, EventsOf(in record), service, name);
                        }
                    }
                }
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(order);
            ArrayPool<int>.Shared.Return(texts);
        }
    }

    /// <summary>The outlines of all traces, in order of their starts, then ids. Called once, when everything was added.</summary>
    public IReadOnlyList<TraceOutline> Assemble(CancellationToken cancellationToken)
    {
        var assembled = new List<TraceOutline>();
        Parallel.ForEach(
            _parts,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            () => new Workplace(_texts),
            static (part, _, workplace) =>
            {
                workplace.Assemble(part);
                return workplace;
            },
            workplace =>
            {
                lock (assembled)
                {
                    assembled.AddRange(workplace.Outlines);
                }
            });
        return OrderByStart(assembled);
    }

    /// <summary>A record of a span's events only: they may decide what its time is.</summary>
    private static SpanRecord EventsOf(in SpanRecord record) => record with
    {
        StartUnixNano = 0, EndUnixNano = 0, ReportedDurationPlusOne = 0,
        Flags = record.Flags & ~(SpanFlags.Started | SpanFlags.Ended | SpanFlags.TimeIsAmbiguous | SpanFlags.TimeReadAsStart),
    };

    private static TraceOutline[] OrderByStart(List<TraceOutline> outlines)
    {
        // Sorting numbers is quick, and hardly two traces start in the same nanosecond.
        long[] starts = new long[outlines.Count];
        int[] order = new int[outlines.Count];
        for (int i = 0; i < order.Length; i++)
        {
            (starts[i], order[i]) = (outlines[i].Start, i);
        }

        Array.Sort(starts, order);
        var ordered = new TraceOutline[order.Length];
        for (int from = 0, to; from < ordered.Length; from = to)
        {
            for (to = from; to < ordered.Length && starts[to] == starts[from]; to++)
            {
                ordered[to] = outlines[order[to]];
            }

            ordered.AsSpan(from, to - from).Sort(static (x, y) => x.Id.CompareTo(y.Id));
        }

        return ordered;
    }

    private static void OrderByPart(SpanBatch batch, int[] order, Span<int> ends)
    {
        ends.Clear();
        foreach (ref readonly SpanRecord record in batch.Spans)
        {
            ends[PartOf(record.TraceId)]++;
        }

        int end = 0;
        for (int part = 0; part < ends.Length; part++)
        {
            (ends[part], end) = (end, end + ends[part]);
        }

        for (int i = 0; i < batch.Count; i++)
        {
            order[ends[PartOf(batch[i].TraceId)]++] = i;
        }
    }

    private static int PartOf(TraceId trace) => (int)(SeededHash.Of(trace) >> (32 - PartBits));

    private int Text(SpanBatch batch, int number, int[] texts)
    {
        if (number == 0 || texts[number] != 0)
        {
            return texts[number];
        }

        lock (_texts)
        {
            return texts[number] = _texts.Add(batch.Strings[number]);
        }
    }

    private sealed class Workplace(StringTable texts)
    {
        private readonly SpanBatch _batch = new(texts);
        private readonly SpanMerger _merger = new();
        private readonly Trace _trace = new();
        private readonly List<int> _services = [];

        public List<TraceOutline> Outlines { get; } = [];

        public void Assemble(RecordOutlineList part)
        {
            _batch.Rewind(default);
            part.AddTo(_batch);
            foreach (TraceRange range in _merger.Merge(_batch))
            {
                _trace.Load(_batch, range);
                bool rooted = _trace.Root >= 0;
                Outlines.Add(new TraceOutline(
                    _trace.Id,
                    _trace.Start,
                    _trace.Duration,
                    _trace.Status,
                    _trace.SpanCount,
                    _trace.ErrorCount,
                    CountServices(),
                    rooted ? _batch.Text(_trace[_trace.Root].Service) : string.Empty,
                    rooted ? _batch.Text(_trace[_trace.Root].Name) : string.Empty));
            }
        }

        private int CountServices()
        {
            _services.Clear();
            for (int i = 0; i < _trace.SpanCount; i++)
            {
                int service = _trace[i].Service;
                if (!_services.Contains(service))
                {
                    _services.Add(service);
                }
            }

            return _services.Count;
        }
    }
}
