using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;
using Trace = ServerlessTrace.Core.Assembly.Trace;

namespace ServerlessTrace.Benchmarks.Analysis;

/// <summary>
/// Spans a second of processor time, on one core, from unordered span parts to trees (merge, sort, link), on to critical paths and to whole analyses,
/// by shape of trace. The budget is a million with critical paths. Yardstick: a dictionary of all ids, and each parent looked up in it.
/// </summary>
internal static class AnalysisBenchmark
{
    private const int Spans = 1_000_000;
    private const int Rounds = 5;
    private const long Start = 1_772_128_800_000_000_000;

    private static readonly (long Start, long End)[] Windows = new (long Start, long End)[Spans];

    public static int Run(string? only)
    {
        Console.WriteLine("| 1,000,000 spans as | assemble (spans/s) | and critical path (spans/s) | whole analysis alone (spans/s) | sections | a dictionary of ids alone (spans/s) |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach ((string shape, Action<SpanBatch> fill) in Shapes)
        {
            if (only is null || shape.Contains(only, StringComparison.Ordinal))
            {
                Measure(shape, fill);
            }
        }

        return 0;
    }

    private static IEnumerable<(string Shape, Action<SpanBatch> Fill)> Shapes
    {
        get
        {
            SpanRecord[] small = Parts(SmallTraces);
            yield return ("100,000 traces of 10 spans", batch => Fill(batch, small));
            yield return ("the same as start and end records with 3 + 4 attributes", batch => FillAsLogs(batch, small));
            SpanRecord[] wide = Parts(static (_, i) => Wide(i));
            yield return ("one trace, wide: children of one parent", batch => Fill(batch, wide));
            SpanRecord[] deep = Parts(static (_, i) => Deep(i));
            yield return ("one trace, deep: 100,000 levels, 10 spans each", batch => Fill(batch, deep));
            SpanRecord[] mixed = Parts(Mixed);
            yield return ("one trace, mixed: eight calls each, some overlapping", batch => Fill(batch, mixed));
            yield return ("one trace, realistic: a shop's services, attributes, errors, messages", FillRealistic);
        }
    }

    private static void Measure(string shape, Action<SpanBatch> fill)
    {
        var bench = new Bench();
        TimeSpan[] best = new TimeSpan[4];
        Array.Fill(best, TimeSpan.MaxValue);
        for (int round = 0; round < Rounds; round++)
        {
            Keep(ref best[0], bench, fill, bench.Assemble);
            Keep(ref best[1], bench, fill, bench.FindPaths);
            Keep(ref best[2], bench, prepare: null, bench.Analyse);
            Keep(ref best[3], bench, prepare: null, bench.LookUpParents);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {shape} | {Rate(best[0]):N0} | {Rate(best[1]):N0} | {Rate(best[2]):N0} | {bench.Sections:N0} | {Rate(best[3]):N0} |"));
    }

    /// <summary>The best round counts: other work on the machine only ever slows down.</summary>
    private static void Keep(ref TimeSpan best, Bench bench, Action<SpanBatch>? prepare, Action work)
    {
        if (prepare is not null)
        {
            bench.Batch.Clear();
            prepare(bench.Batch);
        }

        GC.Collect();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        work();
        TimeSpan took = Environment.CpuUsage.TotalTime - before;
        best = took < best ? took : best;
    }

    private static double Rate(TimeSpan took) => Spans / took.TotalSeconds;

    private sealed class Bench
    {
        private readonly SpanMerger _merger = new();
        private readonly Trace _trace = new();
        private readonly CriticalPath _path = new();
        private IReadOnlyList<TraceRange> _ranges = [];

        public SpanBatch Batch { get; } = new();

        public long Sections { get; private set; }

        public void Assemble()
        {
            _ranges = _merger.Merge(Batch);
            foreach (TraceRange range in _ranges)
            {
                _trace.Load(Batch, range);
            }
        }

        public void FindPaths()
        {
            _ranges = _merger.Merge(Batch);
            Sections = 0;
            foreach (TraceRange range in _ranges)
            {
                _trace.Load(Batch, range);
                _path.Load(_trace, CriticalPathMode.Strict);
                Sections += _path.Sections.Length;
            }
        }

        /// <summary>Everything that a report says, of merged spans.</summary>
        public void Analyse()
        {
            var names = new BatchNames(Batch, AnalysisOptions.Default);
            foreach (TraceRange range in _ranges)
            {
                _trace.Load(Batch, range);
                GC.KeepAlive(new TraceAnalysis(_trace, names: names));
            }
        }

        public void LookUpParents()
        {
            var places = new Dictionary<(TraceId, SpanId), int>();
            for (int i = 0; i < Batch.Count; i++)
            {
                places[(Batch[i].TraceId, Batch[i].SpanId)] = i;
            }

            int found = 0;
            for (int i = 0; i < Batch.Count; i++)
            {
                found += places.ContainsKey((Batch[i].TraceId, Batch[i].ParentSpanId)) ? 1 : 0;
            }

            GC.KeepAlive(found);
        }
    }

    /// <summary>Generated traces, each called by one new root.</summary>
    private static void FillRealistic(SpanBatch batch)
    {
        var generator = new SpanLogGenerator(new GeneratorOptions { Spans = Spans - 1, TracesPerBatch = int.MaxValue });
        generator.Next(batch);
        TraceId trace = batch[0].TraceId;
        var root = new SpanId(Scatter(0));
        long last = 0;
        foreach (ref SpanRecord span in batch.Spans)
        {
            span.TraceId = trace;
            span.ParentSpanId = span.ParentSpanId.IsZero ? root : span.ParentSpanId;
            last = Math.Max(last, span.End);
        }

        ref SpanRecord added = ref batch.AddSpan();
        added = Span(0, 0, -1, batch[0].Start, last);
        (added.TraceId, added.Service, added.Name) = (trace, batch.Strings.Add("scheduler"), batch.Strings.Add("replay"));
        added.Flags = SpanFlags.Started | SpanFlags.Ended | SpanFlags.NameFromStart;
    }

    /// <summary>All starts, then all ends, as span logs of the generated load have them: three of seven attributes are different for every span.</summary>
    private static void FillAsLogs(SpanBatch batch, SpanRecord[] parts)
    {
        Fill(batch, parts);
        for (int i = 0; i < Spans; i++)
        {
            SpanRecord end = batch[i];
            int first = batch.AddAttribute("order_id", $"ord-{i}", rank: AttributeRank.Start);
            batch.AddAttribute("payment_method", "credit_card", rank: AttributeRank.Start);
            batch.AddAttribute("http.route", "/orders/{id}", rank: AttributeRank.Start);
            ref SpanRecord start = ref batch[i];
            (start.AttributeStart, start.AttributeCount, start.EndUnixNano) = (first, 3, 0);
            start.Flags = SpanFlags.Started | SpanFlags.NameFromStart;

            end.StartUnixNano = 0;
            end.Flags = SpanFlags.Ended;
            (end.AttributeStart, end.AttributeCount) = (batch.AttributeCount, 4);
            batch.AddAttribute("order_id", $"ord-{i}");
            batch.AddAttribute("payment_id", $"pay-{i}");
            batch.AddAttribute("session_id", $"session-{i}");
            batch.AddAttribute("gateway_response", "success");
            batch.AddSpan() = end;
        }
    }

    private static void Fill(SpanBatch batch, SpanRecord[] parts)
    {
        int service = batch.Strings.Add("service");
        int name = batch.Strings.Add("operation");
        foreach (SpanRecord part in parts)
        {
            ref SpanRecord record = ref batch.AddSpan();
            record = part;
            (record.Service, record.Name) = (service, name);
        }
    }

    /// <summary>Complete spans in random order, as files of many services bring them.</summary>
    private static SpanRecord[] Parts(Func<Random, int, SpanRecord> span)
    {
        var random = new Random(1);
        var parts = new SpanRecord[Spans];
        for (int i = 0; i < Spans; i++)
        {
            parts[i] = span(random, i);
            parts[i].Flags = SpanFlags.Started | SpanFlags.Ended | SpanFlags.NameFromStart;
        }

        random.Shuffle(parts);
        return parts;
    }

    private static SpanRecord SmallTraces(Random random, int i)
    {
        int place = i % 10;
        long at = Start + (i * 1000L) + (place * 1_000_000);
        return Span(i / 10, i, place == 0 ? -1 : i - 1 - random.Next(place), at, at + ((10 - place) * 10_000_000));
    }

    private static SpanRecord Wide(int i) => i == 0
        ? Span(0, 0, -1, Start, Start + (Spans * 1000L))
        : Span(0, i, 0, Start + (i * 1000L), Start + (i * 1000L) + (i % 3 == 0 ? 2_500 : 1_000));

    private static SpanRecord Deep(int i)
    {
        int level = i / 10;
        long at = Start + (level * 1000L) + (i % 10 * 100);
        return i % 10 == 0
            ? Span(0, i, level == 0 ? -1 : i - 10, Start + (level * 1000L), Start + 1_000_000_000 - (level * 1000L))
            : Span(0, i, level * 10, at, at + 100);
    }

    /// <summary>Every span calls eight others, mostly one after another, and what ends late overlaps the next call.</summary>
    private static SpanRecord Mixed(Random random, int i)
    {
        const int Calls = 8;
        if (i == 0)
        {
            Windows[0] = (Start, Start + 100_000_000_000);
            return Span(0, 0, -1, Windows[0].Start, Windows[0].End);
        }

        int parent = (i - 1) / Calls;
        long slice = (Windows[parent].End - Windows[parent].Start) / Calls;
        long start = Windows[parent].Start + ((i - 1) % Calls * slice);
        Windows[i] = (start, start + (slice * random.Next(50, 110) / 100));
        return Span(0, i, parent, start, Windows[i].End);
    }

    private static SpanRecord Span(int trace, int id, int parent, long start, long end) => new()
    {
        TraceId = new TraceId(Scatter(trace), Scatter(~trace)),
        SpanId = new SpanId(Scatter(id)),
        ParentSpanId = parent < 0 ? default : new SpanId(Scatter(parent)),
        StartUnixNano = start,
        EndUnixNano = end,
    };

    /// <summary>Different numbers that look random, as ids do.</summary>
    private static ulong Scatter(int value) => ((ulong)(uint)value + 1) * 0x9E3779B97F4A7C15;
}
