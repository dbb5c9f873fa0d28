using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Benchmarks.Parsing;

/// <summary>
/// Span-log JSON lines to spans on one core, beside a bare <see cref="Utf8JsonReader"/> pass and a source-generated
/// <see cref="JsonSerializer"/> over the same bytes. The three take turns, so that a slow moment of the machine meets all of them.
/// </summary>
internal static class ParseBenchmark
{
    private const int Spans = 100_000;
    private const int Repetitions = 15;

    private static readonly BatchRedaction Redaction = new Redactor(new RedactionOptions()).Begin();

    public static int Run()
    {
        byte[] lines = Generate();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Spans:N0} spans, {lines.Length / (double)Spans:F0} bytes a span, median of {Repetitions}, one core"));
        Contender[] contenders =
        [
            new("ServerlessTrace", lines => ReadSpans(lines, null)),
            new("Utf8JsonReader, tokens only", ReadTokens),
            new("ServerlessTrace, redacted", lines => ReadSpans(lines, Redaction)),
            new("JsonSerializer, source-generated", Deserialize),
        ];

        // Twice, so that tiered compilation has seen the loops.
        for (int i = -2; i < Repetitions; i++)
        {
            foreach (Contender contender in contenders)
            {
                contender.Measure(lines, counts: i >= 0);
            }
        }

        Console.WriteLine($"{"",-34}{"MB/s",8}{"spans/s",12}{"alloc/input",13}{"x bare pass",13}");
        foreach (Contender contender in contenders)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{contender.Name,-34}{lines.Length / contender.MedianSeconds / 1e6,8:F0}{Spans / contender.MedianSeconds,12:N0}{contender.Allocated / (double)lines.Length,13:F3}{contender.MedianRatioTo(contenders[1]),13:F2}"));
        }

        return 0;
    }

    private static byte[] Generate()
    {
        using MemoryStream lines = new();
        new SpanLogGenerator(new GeneratorOptions { Spans = Spans, Shape = LoadShape.Benchmark }).Write(lines);
        return lines.ToArray();
    }

    private static long ReadSpans(byte[] lines, BatchRedaction? redaction)
    {
        long spans = 0;
        SpanSourceReader reader = new(new MemoryStream(lines), "benchmark.log");
        SpanBatch batch = Contender.Batch;
        batch.Clear();
        while (reader.ReadBatchAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult())
        {
            spans += batch.Count;
            redaction?.Redact(batch);
            batch.Clear();
        }

        reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return spans;
    }

    private static long ReadTokens(byte[] lines)
    {
        long spans = 0;
        Utf8JsonReader reader = new(lines, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            spans += reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == 0 ? 1 : 0;
        }

        return spans;
    }

    private static long Deserialize(byte[] lines)
    {
        long spans = 0;
        ReadOnlySpan<byte> rest = lines;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            spans += JsonSerializer.Deserialize(line, SpanLogLineContext.Default.SpanLogLine)?.TraceId is null ? 0 : 1;
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        return spans;
    }

    private sealed class Contender(string name, Func<byte[], long> read)
    {
        private readonly List<double> _seconds = [];

        public static SpanBatch Batch { get; } = new();

        public string Name => name;

        public long Allocated { get; private set; }

        public double MedianSeconds => Median(_seconds);

        /// <summary>How many times as fast as another this is, compared turn by turn.</summary>
        public double MedianRatioTo(Contender other) => Median([.. _seconds.Select((seconds, i) => other._seconds[i] / seconds)]);

        private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

        public void Measure(byte[] lines, bool counts)
        {
            GC.Collect();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long started = Stopwatch.GetTimestamp();
            long spans = read(lines);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            if (spans != Spans)
            {
                throw new InvalidOperationException($"{name} found {spans} spans instead of {Spans}.");
            }

            if (counts)
            {
                _seconds.Add(elapsed.TotalSeconds);
                Allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            }
        }
    }
}
