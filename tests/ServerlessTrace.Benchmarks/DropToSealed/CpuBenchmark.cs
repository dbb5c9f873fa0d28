using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Packing;
using ServerlessTrace.Storage.Traces;
using Trace = ServerlessTrace.Core.Assembly.Trace;

namespace ServerlessTrace.Benchmarks.DropToSealed;

/// <summary>
/// Our own CPU from a dropped file to sealed traces, storage excluded: the steps that ingest and sealing take, one after the
/// other on one core, over files of 10,000 spans. Yardstick: the same bytes through the reader alone.
/// </summary>
internal static class CpuBenchmark
{
    private const int SpansPerFile = 10_000;
    private const int Files = 20;
    private const int Rounds = 5;

    public static void Run()
    {
        Console.WriteLine($"Drop to sealed, our own CPU, one core, storage excluded, processor time: {SpansPerFile * Files:N0} spans in {Files} files, median of {Rounds} rounds");
        Run("span logs", [.. Enumerable.Range(1, Files).Select(seed => BenchmarkFiles.SpanLog(SpansPerFile, (ulong)seed))]);
        RunOtlp();
    }

    /// <summary>Measures OTLP protobuf alone; returns microseconds a span.</summary>
    public static double RunOtlp() =>
        Run("OTLP protobuf", [.. Enumerable.Range(1, Files).Select(seed => BenchmarkFiles.OtlpProtobuf(SpansPerFile, (ulong)seed))]);

    private static double Run(string format, byte[][] files)
    {
        double[] whole = new double[Rounds];
        double[] reading = new double[Rounds];
        double[] packing = new double[Rounds];
        double[] sealing = new double[Rounds];
        long stored = 0;
        long traces = 0;
        long allocated = 0;
        for (int round = -1; round < Rounds; round++)
        {
            var pipeline = new Pipeline();
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (byte[] file in files)
            {
                pipeline.Run(file);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (round >= 0)
            {
                reading[round] = pipeline.Reading.TotalSeconds;
                packing[round] = pipeline.Packing.TotalSeconds;
                sealing[round] = pipeline.Sealing.TotalSeconds;
                whole[round] = (pipeline.Reading + pipeline.Packing + pipeline.Sealing).TotalSeconds;
                (stored, traces) = (pipeline.StoredBytes, pipeline.Traces);
            }
        }

        const double Spans = SpansPerFile * Files;
        Console.WriteLine($" {format}, {files.Sum(file => (long)file.Length) / Spans:N0} bytes a span");
        Print("all steps", whole);
        Print("  read", reading);
        Print("  pack chunks by shard", packing);
        Print("  unpack, merge, decide, summarise, pack traces", sealing);
        Console.WriteLine($"  stored packed {stored / Spans,8:N1} bytes a span; {traces:N0} traces sealed; {allocated / Spans,8:N0} bytes allocated a span");
        return whole[Rounds / 2] / Spans * 1e6;
    }

    private static void Print(string what, double[] seconds)
    {
        Array.Sort(seconds);
        double median = seconds[seconds.Length / 2];
        Console.WriteLine($"  {what,-48} {SpansPerFile * Files / median,12:N0} spans/s   {median / (SpansPerFile * Files) * 1e9,8:N0} ns a span");
    }

    private sealed class Pipeline
    {
        // Nothing is cleared between calls, so a batch never ends before its file.
        private static readonly ReadLimits WholeFile = new() { SpansPerBatch = int.MaxValue, BytesPerBatch = long.MaxValue };

        private readonly SpanBatch _parts = new();
        private readonly SpanBatch _shard = new();
        private readonly SpanPacker _packer = new();
        private readonly SpanUnpacker _unpacker = new();
        private readonly SpanMerger _merger = new();
        private readonly Trace _trace = new();
        private readonly HashSet<string> _services = new(StringComparer.OrdinalIgnoreCase);

        public TimeSpan Reading { get; private set; }

        public TimeSpan Packing { get; private set; }

        public TimeSpan Sealing { get; private set; }

        public long StoredBytes { get; private set; }

        public long Traces { get; private set; }

        public void Run(byte[] file)
        {
            TimeSpan start = Environment.CpuUsage.TotalTime;
            _parts.Clear();
            var reader = new SpanSourceReader(new MemoryStream(file, writable: false), "benchmark.log", WholeFile);
            while (reader.ReadBatchAsync(_parts, CancellationToken.None).AsTask().GetAwaiter().GetResult())
            {
            }

            TimeSpan read = Environment.CpuUsage.TotalTime;
            var chunks = new List<byte[]>();
            (int[] order, int[] ends) = ChunkStore.OrderByShard(_parts);
            for (int shard = 0, from = 0; shard < Shard.Count; from = ends[shard++])
            {
                chunks.Add(_packer.Pack(_parts, order.AsSpan(from, ends[shard] - from)).ToArray());
            }

            // As the directory of services does in the product, from the services that were seen.
            foreach (ref readonly SpanRecord span in _parts.Spans)
            {
                if (_services.Count < 64)
                {
                    _services.Add(_parts.Text(span.Service));
                }
            }

            TimeSpan packed = Environment.CpuUsage.TotalTime;
            foreach (byte[] chunk in chunks)
            {
                Seal(chunk);
            }

            Reading += read - start;
            Packing += packed - read;
            Sealing += Environment.CpuUsage.TotalTime - packed;
        }

        private void Seal(byte[] chunk)
        {
            _shard.Clear();
            _unpacker.Unpack(chunk, _shard);
            int hour = _shard.Count == 0 ? 0 : BlockKey.HourOf(_shard[0].Start);
            var aggregator = new TraceAggregator(new BatchNames(_shard, AnalysisOptions.Default), hour);
            var summaries = new List<TraceSummary>();
            foreach (TraceRange range in _merger.Merge(_shard))
            {
                _trace.Load(_shard, range);
                if (TraceCompleteness.IsComplete(_trace, _services.Contains))
                {
                    Traces++;
                    summaries.Add(TraceSummary.Of(_trace, revision: 1, aggregator.Add(_trace, AdjustedCount.One)));
                    StoredBytes += _packer.Pack(_shard, range.Start, range.Count).Length;
                }
            }

            StoredBytes += SummaryBlockEncoding.Write(summaries).Length + AggregateEncoding.Write(aggregator.Take()).Length;
        }
    }
}
