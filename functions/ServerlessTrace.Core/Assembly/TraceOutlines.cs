using System.Buffers;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>
/// Collects of records, from several threads, just what outlines of their traces need: ids, times, status, service and name. So a million spans
/// take a tenth of the memory that they take whole. The traces are divided into parts that are assembled side by side.
/// </summary>
public sealed class TraceOutlines
{
    private const int PartBits = 6;

    private readonly StringTable _texts = new();
    private readonly SpanBatch[] _parts;

    /// <summary>No traces yet.</summary>
    public TraceOutlines()
    {
        _parts = new SpanBatch[1 << PartBits];
        for (int i = 0; i < _parts.Length; i++)
        {
            _parts[i] = new SpanBatch(_texts);
        }
    }

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
                        Add(_parts[part], batch, in batch[index], texts);
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
            () => new Workplace(),
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
        assembled.Sort(static (x, y) => x.Start != y.Start ? x.Start.CompareTo(y.Start) : x.Id.CompareTo(y.Id));
        return assembled;
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

    private static int PartOf(TraceId trace) =>
        (int)(((trace.Low ^ (trace.High * 0x9E3779B97F4A7C15)) * 0xD6E8FEB86659FD93) >> (64 - PartBits));

    private void Add(SpanBatch part, SpanBatch batch, in SpanRecord record, int[] texts)
    {
        int firstEvent = part.EventCount;
        if (!record.IsSpan)
        {
            // Where there is nothing but events, they are all that says when the trace was.
            foreach (ref readonly SpanEvent spanEvent in batch.Events(in record))
            {
                part.AddEvent(new SpanEvent { TimeUnixNano = spanEvent.TimeUnixNano });
            }
        }

        int service = Text(batch, record.Service, texts);
        int name = Text(batch, record.Name, texts);
        ref SpanRecord kept = ref part.AddSpan();
        kept.TraceId = record.TraceId;
        kept.SpanId = record.SpanId;
        kept.ParentSpanId = record.ParentSpanId;
        kept.StartUnixNano = record.StartUnixNano;
        kept.EndUnixNano = record.EndUnixNano;
        kept.ReportedDurationPlusOne = record.ReportedDurationPlusOne;
        kept.Service = service;
        kept.Name = name;
        kept.Kind = record.Kind;
        kept.Status = record.Status;
        kept.Flags = record.Flags;
        kept.EventStart = firstEvent;
        kept.EventCount = part.EventCount - firstEvent;
    }

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

    private sealed class Workplace
    {
        private readonly SpanMerger _merger = new();
        private readonly Trace _trace = new();
        private readonly List<int> _services = [];

        public List<TraceOutline> Outlines { get; } = [];

        public void Assemble(SpanBatch part)
        {
            foreach (TraceRange range in _merger.Merge(part))
            {
                _trace.Load(part, range);
                bool rooted = _trace.Root >= 0;
                Outlines.Add(new TraceOutline(
                    _trace.Id,
                    _trace.Start,
                    _trace.Duration,
                    _trace.Status,
                    _trace.SpanCount,
                    _trace.ErrorCount,
                    CountServices(),
                    rooted ? part.Text(_trace[_trace.Root].Service) : string.Empty,
                    rooted ? part.Text(_trace[_trace.Root].Name) : string.Empty));
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
