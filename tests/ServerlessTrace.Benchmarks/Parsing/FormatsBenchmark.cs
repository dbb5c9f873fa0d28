using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using ServerlessTrace.Benchmarks.Parsing.Yardstick;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;
using ZstdSharp;

namespace ServerlessTrace.Benchmarks.Parsing;

/// <summary>
/// Every format to spans on one core, each beside a yardstick over the same bytes: a bare <see cref="Utf8JsonReader"/> pass for JSON, the parser of
/// Google.Protobuf for protobuf, bare decompression for what is compressed. The two take turns. Time is processor time, so that
/// what else runs on the machine counts little. What is allocated is that of the last round.
/// </summary>
internal static class FormatsBenchmark
{
    private const int Spans = 50_000;
    private const int Rounds = 11;
    private const int WarmUp = 3;

    private static readonly SpanBatch Batch = new();

    /// <param name="only">Runs only formats whose names begin so; all if null.</param>
    public static int Run(string? only)
    {
        byte[] spanLogs = FormatFiles.SpanLogs(Spans);
        Contest[] contests =
        [
            new("span logs", spanLogs, ReadTokens),
            new("OTLP JSON", FormatFiles.OtlpJson(Spans), ReadTokens),
            new("OTLP protobuf", FormatFiles.OtlpProtobuf(Spans), ReadMessages),
            new("Zipkin v2", FormatFiles.Zipkin(Spans), ReadTokens),
            new("Jaeger", FormatFiles.Jaeger(Spans), ReadTokens),
            new("Azure Monitor", FormatFiles.AzureMonitor(Spans), ReadTokens),
            new("Go's console exporter", FormatFiles.GoConsole(Spans), ReadTokens),
            new("X-Ray", FormatFiles.XRay(Spans), ReadTokens),
            new("Elastic APM", FormatFiles.ElasticApm(Spans), ReadTokens),
            new("Datadog", FormatFiles.Datadog(Spans), ReadTokens),
            new("Serilog", FormatFiles.Serilog(Spans), ReadTokens),
            new("log lines with JSON behind a prefix", FormatFiles.LogLines(Spans), ReadTokensBehindPrefix),
            new("span logs, gzip", Gzip(spanLogs), content => Drain(new GZipStream(new MemoryStream(content), CompressionMode.Decompress))),
            new("span logs, zstd", Zstandard(spanLogs), content => Drain(new DecompressionStream(new MemoryStream(content)))),
        ];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Spans:N0} spans a format, processor time, median of {Rounds} rounds; MB of what is stored, compressed or not"));
        Console.WriteLine($"{"",-38}{"bytes/span",11}{"MB/s",8}{"spans/s",12}{"yardstick MB/s",16}{"x yardstick",13}{"allocated/byte",16}");
        foreach (Contest contest in contests.Where(contest => only is null || contest.Format.StartsWith(only, StringComparison.Ordinal)))
        {
            contest.Run();
        }

        return 0;
    }

    private static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }

    private static byte[] Zstandard(byte[] content)
    {
        using var compressor = new Compressor(3);
        return compressor.Wrap(content).ToArray();
    }

    private static void ReadSpans(string format, byte[] content)
    {
        var reader = new SpanSourceReader(new MemoryStream(content), "benchmark");
        Batch.Clear();
        while (reader.ReadBatchAsync(Batch, CancellationToken.None).AsTask().GetAwaiter().GetResult())
        {
            Batch.Clear();
        }

        reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        if (reader.Statistics.SpanRecords != Spans || reader.Statistics.Rejected > 0)
        {
            throw new InvalidOperationException(
                $"{format}: {reader.Statistics.SpanRecords} spans instead of {Spans}, {reader.Statistics.Rejected} rejected: {(reader.Statistics.Rejections is [var first, ..] ? first.Reason : null)}");
        }
    }

    private static void ReadTokens(byte[] content)
    {
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
        }
    }

    private static void ReadTokensBehindPrefix(byte[] content)
    {
        ReadOnlySpan<byte> rest = content;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            var reader = new Utf8JsonReader(line[line.IndexOf((byte)'{')..]);
            while (reader.Read())
            {
            }

            rest = end < 0 ? default : rest[(end + 1)..];
        }
    }

    private static void ReadMessages(byte[] content)
    {
        for (int at = 0; at < content.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(at));
            Request.Parser.ParseFrom(content, at + 4, length);
            at += 4 + length;
        }
    }

    private static void Drain(Stream stream)
    {
        byte[] buffer = new byte[256 << 10];
        while (stream.Read(buffer) > 0)
        {
        }

        stream.Dispose();
    }

    private sealed class Contest(string format, byte[] content, Action<byte[]> yardstick)
    {
        private readonly List<(double Ours, double Yardstick)> _rounds = [];
        private long _allocated;

        public string Format => format;

        public void Run()
        {
            for (int round = -WarmUp; round < Rounds; round++)
            {
                long before = GC.GetTotalAllocatedBytes(precise: true);
                double ours = Measure(bytes => ReadSpans(format, bytes));
                _allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
                double theirs = Measure(yardstick);
                if (round >= 0)
                {
                    _rounds.Add((ours, theirs));
                }
            }

            double seconds = Median(_rounds.Select(round => round.Ours));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{format,-38}{content.Length / (double)Spans,11:F0}{content.Length / seconds / 1e6,8:F0}{Spans / seconds,12:N0}{content.Length / Median(_rounds.Select(round => round.Yardstick)) / 1e6,16:F0}{Median(_rounds.Select(round => round.Yardstick / round.Ours)),13:F2}{_allocated / (double)content.Length,16:F4}"));
        }

        private double Measure(Action<byte[]> read)
        {
            GC.Collect();
            TimeSpan before = Environment.CpuUsage.TotalTime;
            read(content);
            return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        }

        private static double Median(IEnumerable<double> values)
        {
            double[] sorted = [.. values.Order()];
            return sorted[sorted.Length / 2];
        }
    }
}
