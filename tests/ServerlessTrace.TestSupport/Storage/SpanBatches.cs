using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Packing;

namespace ServerlessTrace.TestSupport.Storage;

/// <summary>Batches of spans for tests.</summary>
internal static class SpanBatches
{
    /// <summary>The n-th trace id of a shard.</summary>
    public static TraceId IdIn(int shard, int n)
    {
        for (ulong low = 1; ; low++)
        {
            var id = new TraceId(0x0af7651916cd43dd, low * 0x9E3779B97F4A7C15);
            if (Shard.Of(id).Number == shard && n-- == 0)
            {
                return id;
            }
        }
    }

    /// <summary>A complete trace of two spans.</summary>
    public static SpanBatch Complete(TraceId id, double start = 0) => new TraceBuilder(id)
        .Span(1, "gateway", "GET /orders", start, start + 100, kind: SpanKind.Server)
        .Span(2, "orders", "load", start + 10, start + 60, parent: 1)
        .Flush();

    /// <summary>A trace whose root did not end.</summary>
    public static SpanBatch Started(TraceId id) => new TraceBuilder(id).Span(1, "gateway", "GET /orders", 0, null, kind: SpanKind.Server).Flush();

    /// <summary>The end of <see cref="Started"/>.</summary>
    public static SpanBatch Ended(TraceId id, double end = 100) => new TraceBuilder(id).End(1, "gateway", "GET /orders", end, end).Flush();

    /// <summary>A complete trace of one span with more random text than a row holds.</summary>
    public static SpanBatch Huge(TraceId id, int seed = 1)
    {
        byte[] random = new byte[700_000];
        new Random(seed).NextBytes(random);
        return new TraceBuilder(id).Span(1, "gateway", "GET /huge", 0, 100).With("body", Convert.ToBase64String(random)).Flush();
    }

    /// <summary>A complete trace of many spans, each with random text.</summary>
    public static SpanBatch Big(TraceId id, int spans, int bytesPerSpan)
    {
        var random = new Random((int)id.Low);
        byte[] noise = new byte[bytesPerSpan * 3 / 4];
        var trace = new TraceBuilder(id).Span(1, "gateway", "GET /big", 0, 1000);
        for (int i = 2; i <= spans; i++)
        {
            random.NextBytes(noise);
            trace.Span((ulong)i, "orders", "step", i, i + 1, parent: 1).With("body", Convert.ToBase64String(noise));
        }

        return trace.Flush();
    }

    /// <summary>The records of several batches in one.</summary>
    public static SpanBatch Join(params ReadOnlySpan<SpanBatch> batches)
    {
        var packer = new SpanPacker();
        var unpacker = new SpanUnpacker();
        var joined = new SpanBatch();
        foreach (SpanBatch batch in batches)
        {
            unpacker.Unpack(packer.Pack(batch, 0, batch.Count).Span, joined);
        }

        return joined;
    }

    /// <summary>The records of a batch that a choice keeps.</summary>
    public static SpanBatch Where(SpanBatch batch, Func<SpanRecord, bool> keeps)
    {
        var some = new SpanBatch();
        int[] kept = [.. Enumerable.Range(0, batch.Count).Where(i => keeps(batch[i]))];
        new SpanUnpacker().Unpack(new SpanPacker().Pack(batch, kept).Span, some);
        return some;
    }

    /// <summary>Generated load in one batch.</summary>
    public static SpanBatch Generated(int spans, LoadShape shape, ulong seed = 1)
    {
        var generator = new SpanLogGenerator(new GeneratorOptions { Spans = spans, Shape = shape, Seed = seed, TracesPerBatch = int.MaxValue, TracesPerSecond = 1000 });
        var batch = new SpanBatch();
        generator.Next(batch);
        return batch;
    }

    /// <summary>What merging a batch gives, trace by trace.</summary>
    public static Dictionary<TraceId, string> Merged(SpanBatch batch)
    {
        SpanBatch merged = Join(batch);
        var traces = new Dictionary<TraceId, string>();
        foreach (TraceRange range in new SpanMerger().Merge(merged))
        {
            traces[range.TraceId] = Describe(merged, range.Start, range.Count);
        }

        return traces;
    }

    /// <summary>What packed spans hold.</summary>
    public static string Describe(ReadOnlyMemory<byte> packed)
    {
        var spans = new SpanBatch();
        new SpanUnpacker().Unpack(packed.Span, spans);
        return Describe(spans, 0, spans.Count);
    }

    private static string Describe(SpanBatch batch, int start, int count) =>
        string.Join('\n', Enumerable.Range(start, count).Select(i => SpanBatchText.Describe(batch, i)));
}
