using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;
using ServerlessTrace.Storage.Packing;
using ZstdSharp;

namespace ServerlessTrace.Benchmarks.Packing;

/// <summary>
/// Packing and unpacking on one core: chunks (600 span parts of many traces) and sealed traces (10 spans), beside the same spans as
/// source-generated JSON in zstd level 1.
/// </summary>
internal static class PackBenchmark
{
    private const int Batches = 24;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1);

    public static void Run()
    {
        List<SpanBatch> load = Load(LoadShape.Benchmark);
        Console.WriteLine($"load: {load.Sum(batch => batch.Count)} spans, {JsonBytesPerSpan():f0} bytes of span log a span, "
            + $"{load.Sum(batch => (double)batch.AttributeCount) / load.Sum(batch => batch.Count):f1} attributes a span, resources aside");
        Measure("chunk of 600", load, 600);
        Measure("trace of 10", load, 10);
        Measure("trace of 10, merged", [.. load.Select(Merged)], 10);
        Measure("realistic chunk of 600", Load(LoadShape.Realistic), 600);
        Compare(load, 600);
        Compare(load, 10);
    }

    private static List<SpanBatch> Load(LoadShape shape)
    {
        SpanLogGenerator generator = new(new GeneratorOptions { Shape = shape, Spans = 1_000_000, Seed = 7 });
        List<SpanBatch> load = [];
        for (SpanBatch batch = new(); load.Count < Batches && generator.Next(batch); batch = new SpanBatch())
        {
            if (batch.Count >= 600)
            {
                load.Add(batch);
            }
        }

        return load;
    }

    /// <summary>As sealing stores them: with a start, and both records seen.</summary>
    private static SpanBatch Merged(SpanBatch batch)
    {
        SpanBatch merged = new();
        new SpanUnpacker().Unpack(new SpanPacker().Pack(batch, 0, batch.Count).Span, merged);
        foreach (ref SpanRecord span in merged.Spans)
        {
            span.StartUnixNano = span.Start;
            span.Flags |= SpanFlags.Started;
        }

        return merged;
    }

    private static double JsonBytesPerSpan()
    {
        using MemoryStream stream = new();
        SpanLogGenerator generator = new(new GeneratorOptions { Shape = LoadShape.Benchmark, Spans = 10_000, Seed = 7 });
        generator.Write(stream);
        return (double)stream.Length / generator.SpanCount;
    }

    private static void Measure(string what, List<SpanBatch> load, int size)
    {
        List<(SpanBatch Batch, int Start)> parts =
            [.. load.SelectMany(batch => Enumerable.Range(0, batch.Count / size).Select(i => (batch, i * size)))];
        SpanPacker packer = new();
        byte[][] packed = [.. parts.Select(part => packer.Pack(part.Batch, part.Start, size).ToArray())];
        SpanUnpacker unpacker = new();
        SpanBatch into = new();
        (double pack, double packAllocated) = SpansPerSecond(parts.Count * size, () =>
        {
            foreach ((SpanBatch batch, int start) in parts)
            {
                packer.Pack(batch, start, size);
            }
        });
        (double unpack, double unpackAllocated) = SpansPerSecond(parts.Count * size, () =>
        {
            foreach (byte[] bytes in packed)
            {
                into.Clear();
                unpacker.Unpack(bytes, into);
            }
        });
        Print(what, "packed", pack, unpack, packed, size, packAllocated + unpackAllocated);
        JsonYardstick(what, parts, size);
    }

    private static void JsonYardstick(string what, List<(SpanBatch Batch, int Start)> parts, int size)
    {
        JsonSpan[][] spans = [.. parts.Select(part => JsonSpan.From(part.Batch, part.Start, size))];
        using JsonYardstick yardstick = new();
        byte[][] packed = [.. spans.Select(yardstick.Pack)];
        (double pack, double packAllocated) = SpansPerSecond(parts.Count * size, () =>
        {
            foreach (JsonSpan[] part in spans)
            {
                yardstick.Pack(part);
            }
        });
        (double unpack, double unpackAllocated) = SpansPerSecond(parts.Count * size, () =>
        {
            foreach (byte[] bytes in packed)
            {
                yardstick.Unpack(bytes);
            }
        });
        Print(what, "JSON+zstd", pack, unpack, packed, size, packAllocated + unpackAllocated);
    }

    /// <summary>What compressors make of packs whose codes and texts were left uncompressed (small ones with folded texts): what the choice of zstd for codes and texts rests on.</summary>
    private static void Compare(List<SpanBatch> load, int size)
    {
        SpanPacker packer = new(leastCompressed: int.MaxValue);
        List<(byte[] Body, byte[] Noise)> packs = [];
        foreach (SpanBatch batch in load)
        {
            for (int start = 0; start + size <= batch.Count; start += size)
            {
                byte[] bytes = packer.Pack(batch, start, size).ToArray();
                int noise = packer.NoiseLength;
                packs.Add((bytes[..^noise], bytes[^noise..]));
            }
        }

        byte[] destination = new byte[1 << 20];
        using Compressor fast = new(-1);
        using Compressor first = new(1);
        using Compressor third = new(3);
        Try("none", body => body.Length);
        Try("zstd -1", body => fast.Wrap(body, destination));
        Try("zstd 1", body => first.Wrap(body, destination));
        Try("zstd 3", body => third.Wrap(body, destination));
        Try("Brotli 1", body => BrotliEncoder.TryCompress(body, destination, out int written, 1, 18) ? written : body.Length);
        Try("ZLib fastest", ZLib);

        void Try(string name, Func<byte[], int> compress)
        {
            long bytes = packs.Sum(pack => compress(pack.Body) + pack.Noise.Length);
            (double rate, double _) = SpansPerSecond(packs.Count * size, () =>
            {
                foreach ((byte[] body, byte[] _) in packs)
                {
                    compress(body);
                }
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{size,4} spans, codes and texts by {name,-12} {(double)bytes / (packs.Count * size),6:f1} bytes/span   compress {rate / 1e6,6:f2} M spans/s"));
        }

        int ZLib(byte[] body)
        {
            using MemoryStream stream = new(destination);
            using (ZLibStream zlib = new(stream, CompressionLevel.Fastest, leaveOpen: true))
            {
                zlib.Write(body);
            }

            return (int)stream.Position;
        }
    }

    private static void Print(string what, string how, double pack, double unpack, byte[][] packed, int size, double allocated)
    {
        double both = 1 / ((1 / pack) + (1 / unpack));
        double bytes = packed.Sum(part => (double)part.Length) / (packed.Length * size);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what,-24} {how,-10} {bytes,6:f1} bytes/span   pack {pack / 1e6,5:f2}  unpack {unpack / 1e6,5:f2}  both {both / 1e6,5:f2} M spans/s   {allocated,6:f1} B allocated/span"));
    }

    /// <summary>The best of several rounds, in processor time: other work on the machine only ever slows down.</summary>
    private static (double SpansPerSecond, double BytesPerSpan) SpansPerSecond(int spans, Action round)
    {
        // Compiled code gets faster in steps; zstd's large methods take longest.
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < s_warmUp;)
        {
            round();
        }

        double best = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        int rounds = 0;
        for (long start = Stopwatch.GetTimestamp(); rounds < 5 || Stopwatch.GetElapsedTime(start) < s_round; rounds++)
        {
            TimeSpan began = Environment.CpuUsage.TotalTime;
            round();
            best = Math.Max(best, spans / (Environment.CpuUsage.TotalTime - began).TotalSeconds);
        }

        return (best, (double)(GC.GetAllocatedBytesForCurrentThread() - before) / rounds / spans);
    }
}
