using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Benchmarks.DropToSealed;

/// <summary>A file with one complete trace of ten spans.</summary>
internal static class OneTrace
{
    public static (string Trace, byte[] File) Generate(ulong seed)
    {
        GeneratorOptions options = new() { Spans = 10, Seed = seed, Shape = LoadShape.Benchmark };
        var batch = new SpanBatch();
        new SpanLogGenerator(options).Next(batch);
        using var file = new MemoryStream();
        new SpanLogGenerator(options).Write(file);
        return (batch[0].TraceId.ToString(), file.ToArray());
    }
}
