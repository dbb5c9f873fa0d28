using System.Diagnostics;
using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using Trace = ServerlessTrace.Core.Assembly.Trace;

namespace ServerlessTrace.Benchmarks.Analysis;

/// <summary>
/// Spans a second, on one core, from unordered span parts to trees (merge, sort, link) and on to critical paths, by shape
/// of trace. The budget is a million each. The best of a few rounds counts: other work on the machine only ever slows down.
/// </summary>
internal static class AnalysisBenchmark
{
    private const int Spans = 1_000_000;
    private const int Rounds = 5;
    private const long Start = 1_772_128_800_000_000_000;

    private static readonly (long Start, long End)[] Windows = new (long Start, long End)[Spans];

    public static int Run()
    {
        Console.WriteLine("| 1,000,000 spans as | assemble (spans/s) | critical path (spans/s) | both (spans/s) | whole analysis (spans/s) | sections |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        Measure("100,000 traces of 10 spans", SmallTraces);
        Measure("the same as start and end records with 3 + 4 attributes", SmallTraces, asLogs: true);
        Measure("one trace, wide: children of one parent", static (_, i) => Wide(i));
        Measure("one trace, deep: 100,000 levels, 10 spans each", static (_, i) => Deep(i));
        Measure("one trace, mixed: eight calls each, some overlapping", Mixed);
        return 0;
    }

    private static void Measure(string shape, Func<Random, int, SpanRecord> span, bool asLogs = false)
    {
        SpanRecord[] parts = Parts(span);
        var merger = new SpanMerger();
        var batch = new SpanBatch();
        var trace = new Trace();
        var path = new CriticalPath();
        double assembly = double.MaxValue;
        double paths = double.MaxValue;
        long sections = 0;
        IReadOnlyList<TraceRange> ranges = [];
        for (int round = 0; round < Rounds; round++)
        {
            batch.Clear();
            if (asLogs)
            {
                FillAsLogs(batch, parts);
            }
            else
            {
                Fill(batch, parts);
            }

            long began = Stopwatch.GetTimestamp();
            ranges = merger.Merge(batch);
            foreach (TraceRange range in ranges)
            {
                trace.Load(batch, range);
            }

            assembly = Math.Min(assembly, Stopwatch.GetElapsedTime(began).TotalSeconds);
            (double seconds, sections) = FindPaths(batch, ranges, trace, path);
            paths = Math.Min(paths, seconds);
        }

        Print(shape, assembly, paths, Analyse(batch, ranges, trace), sections);
    }

    /// <summary>Loading the trees again is not part of it.</summary>
    private static (double Seconds, long Sections) FindPaths(SpanBatch batch, IReadOnlyList<TraceRange> ranges, Trace trace, CriticalPath path)
    {
        long ticks = 0;
        long sections = 0;
        foreach (TraceRange range in ranges)
        {
            trace.Load(batch, range);
            long began = Stopwatch.GetTimestamp();
            path.Load(trace, CriticalPathMode.Strict);
            ticks += Stopwatch.GetTimestamp() - began;
            sections += path.Sections.Length;
        }

        return ((double)ticks / Stopwatch.Frequency, sections);
    }

    private static double Analyse(SpanBatch batch, IReadOnlyList<TraceRange> ranges, Trace trace)
    {
        long began = Stopwatch.GetTimestamp();
        var names = new BatchNames(batch, AnalysisOptions.Default);
        foreach (TraceRange range in ranges)
        {
            trace.Load(batch, range);
            GC.KeepAlive(new TraceAnalysis(trace, names: names));
        }

        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static void Print(string shape, double assembly, double paths, double analysis, long sections) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {shape} | {Spans / assembly:N0} | {Spans / paths:N0} | {Spans / (assembly + paths):N0} | {Spans / analysis:N0} | {sections:N0} |"));

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
