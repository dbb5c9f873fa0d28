using System.Buffers;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Benchmarks.DropToSealed;

/// <summary>Files of the benchmark load, reproducible by their seeds.</summary>
internal static class BenchmarkFiles
{
    public static SpanLogGenerator Generator(long spans, ulong seed) =>
        new(new GeneratorOptions { Spans = spans, Seed = seed, Shape = LoadShape.Benchmark });

    public static byte[] SpanLog(long spans, ulong seed)
    {
        using var file = new MemoryStream();
        Generator(spans, seed).Write(file);
        return file.ToArray();
    }

    /// <summary>Requests of 640 spans, one after the other with their lengths in front, as the Collector's file exporter writes them.</summary>
    public static byte[] OtlpProtobuf(long spans, ulong seed)
    {
        using var file = new MemoryStream();
        SpanLogGenerator generator = Generator(spans, seed);
        var batch = new SpanBatch();
        var writer = new OtlpProtobufWriter();
        var request = new ArrayBufferWriter<byte>();
        while (generator.Next(batch))
        {
            request.ResetWrittenCount();
            writer.Write(batch, request, framed: true);
            file.Write(request.WrittenSpan);
        }

        return file.ToArray();
    }
}
