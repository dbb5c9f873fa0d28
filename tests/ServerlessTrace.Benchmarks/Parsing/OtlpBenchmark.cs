using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Benchmarks.Parsing.Yardstick;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Benchmarks.Parsing;

/// <summary>
/// OTLP to spans on one core: protobuf beside the parser of Google.Protobuf, JSON beside a bare <see cref="Utf8JsonReader"/> pass,
/// each over the same bytes. They take turns, so that a slow moment of the machine meets all of them.
/// </summary>
internal static class OtlpBenchmark
{
    private const int Spans = 100_000;
    private const int Repetitions = 15;

    private static readonly SpanBatch Batch = new();

    public static int Run()
    {
        byte[] protobuf = Generate(isJson: false);
        byte[] json = Generate(isJson: true);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Spans:N0} spans, {protobuf.Length / (double)Spans:F0} bytes of protobuf or {json.Length / (double)Spans:F0} of JSON a span, requests of 640 spans, median of {Repetitions}, one core"));
        Contender[] contenders =
        [
            new("protobuf, ServerlessTrace", protobuf, ReadSpans),
            new("protobuf, Google.Protobuf", protobuf, Deserialize),
            new("JSON, ServerlessTrace", json, ReadSpans),
            new("JSON, Utf8JsonReader, tokens only", json, ReadTokens),
        ];

        // Some rounds more, so that tiered compilation has seen the loops.
        for (int round = -4; round < Repetitions; round++)
        {
            foreach (Contender contender in contenders)
            {
                contender.Measure(counts: round >= 0);
            }
        }

        Console.WriteLine($"{"",-36}{"MB/s",8}{"spans/s",12}{"alloc/input",13}{"x yardstick",13}");
        for (int i = 0; i < contenders.Length; i++)
        {
            contenders[i].Print(contenders[i | 1]);
        }

        return 0;
    }

    private static byte[] Generate(bool isJson)
    {
        ArrayBufferWriter<byte> output = new();
        SpanLogGenerator generator = new(new GeneratorOptions { Spans = Spans, Shape = LoadShape.Benchmark });
        OtlpProtobufWriter protobuf = new();
        SpanBatch batch = new();
        while (generator.Next(batch))
        {
            if (isJson)
            {
                OtlpJsonWriter.Write(batch, output);
            }
            else
            {
                protobuf.Write(batch, output, framed: true);
            }
        }

        return output.WrittenSpan.ToArray();
    }

    private static long ReadSpans(byte[] content)
    {
        long spans = 0;
        SpanSourceReader reader = new(new MemoryStream(content), "benchmark");
        Batch.Clear();
        while (reader.ReadBatchAsync(Batch, CancellationToken.None).AsTask().GetAwaiter().GetResult())
        {
            spans += Batch.Count;
            Batch.Clear();
        }

        reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return reader.Statistics.Rejected == 0 ? spans : -1;
    }

    private static long Deserialize(byte[] content)
    {
        long spans = 0;
        for (int at = 0; at < content.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(at));
            Request request = Request.Parser.ParseFrom(content, at + 4, length);
            foreach (ResourceGroup group in request.Groups)
            {
                foreach (ScopeGroup scope in group.Scopes)
                {
                    spans += scope.Spans.Count;
                }
            }

            at += 4 + length;
        }

        return spans;
    }

    private static long ReadTokens(byte[] content)
    {
        long objects = 0;
        Utf8JsonReader reader = new(content, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            objects += reader.TokenType == JsonTokenType.EndObject ? 1 : 0;
        }

        // Which objects are spans a bare pass does not know.
        return objects > Spans ? Spans : 0;
    }

    private sealed class Contender(string name, byte[] content, Func<byte[], long> read)
    {
        private readonly List<double> _seconds = [];
        private long _allocated;

        public void Measure(bool counts)
        {
            GC.Collect();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long started = Stopwatch.GetTimestamp();
            long spans = read(content);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            if (spans != Spans)
            {
                throw new InvalidOperationException($"{name} found {spans} spans instead of {Spans}.");
            }

            if (counts)
            {
                _seconds.Add(elapsed.TotalSeconds);
                _allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            }
        }

        /// <summary>Prints the medians; the ratio is taken turn by turn.</summary>
        public void Print(Contender yardstick)
        {
            double seconds = Median(_seconds);
            double ratio = Median([.. _seconds.Select((each, i) => yardstick._seconds[i] / each)]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-36}{content.Length / seconds / 1e6,8:F0}{Spans / seconds,12:N0}{_allocated / (double)content.Length,13:F3}{ratio,13:F2}"));
        }

        private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
    }
}
