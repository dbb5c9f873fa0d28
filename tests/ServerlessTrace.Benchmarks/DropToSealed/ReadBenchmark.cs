using System.Diagnostics;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Packing;
using ServerlessTrace.Storage.Traces;
using Trace = ServerlessTrace.Core.Assembly.Trace;

namespace ServerlessTrace.Benchmarks.DropToSealed;

/// <summary>
/// A sealed trace by its id over HTTP, with 10,000 and with 1,000,000 traces stored. Azurite keeps them in memory with an
/// enlarged heap. Yardstick: the bare point read of the same rows with the storage SDK.
/// </summary>
internal static class ReadBenchmark
{
    private const int Reads = 2_000;
    private const int RowsPerWriter = 400;
    private const int TracesBetweenNews = 100_000;

    public static async Task RunAsync()
    {
        Console.WriteLine($"Trace by id, sealed, over HTTP: {Reads:N0} random reads one after the other");
        await using LocalService service = await LocalService.StartAsync(heapMebibytes: 14_000);
        var stored = new List<TraceId>();
        foreach (int traces in (int[])[10_000, 1_000_000])
        {
            var watch = Stopwatch.StartNew();
            await FillAsync(service, stored, traces);
            Console.WriteLine($"  {traces:N0} traces stored (filled in {watch.Elapsed.TotalSeconds:N0} s)");
            var random = new Random(1);
            TraceId[] ids = [.. Enumerable.Range(0, Reads).Select(_ => stored[random.Next(stored.Count)])];
            var table = service.Tables.GetTableClient("Traces");
            await MeasureAsync("    point read alone", ids, async id =>
                await table.GetEntityAsync<Azure.Data.Tables.TableEntity>(Shard.TracePartitionOf(id), id.ToString()));
            await MeasureAsync("    GET /api/traces/{id}", ids, async id =>
            {
                if (await service.LookAsync(id.ToString()) is not (true, true))
                {
                    throw new InvalidOperationException($"Trace {id} is not there.");
                }
            });
        }
    }

    private static async Task MeasureAsync(string what, TraceId[] ids, Func<TraceId, Task> read)
    {
        foreach (TraceId id in ids.Take(200))
        {
            await read(id);
        }

        var milliseconds = new List<double>(ids.Length);
        foreach (TraceId id in ids)
        {
            long start = Stopwatch.GetTimestamp();
            await read(id);
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        milliseconds.Sort();
        Console.WriteLine(
            $"{what,-28} p50 {milliseconds[ids.Length / 2],6:N2} ms   p99 {milliseconds[ids.Length * 99 / 100],6:N2} ms   max {milliseconds[^1],6:N2} ms");
    }

    /// <summary>Stores generated traces as sealing stores them, without the way there.</summary>
    private static async Task FillAsync(LocalService service, List<TraceId> stored, int traces)
    {
        var store = new TraceStore(new StorageClients(
            service.Tables, service.Blobs, new Azure.Storage.Queues.QueueServiceClient(service.Azurite.ConnectionString)));
        int missing = traces - stored.Count;
        var ids = new AscendingIds(stored.Count, missing);
        SpanLogGenerator generator = new(new GeneratorOptions
        {
            Spans = missing * 10L,
            Seed = (ulong)stored.Count + 1,
            Shape = LoadShape.Benchmark,
            TracesPerBatch = 1_600,
        });
        var batch = new SpanBatch();
        var packer = new SpanPacker();
        var merger = new SpanMerger();
        Task writing = Task.CompletedTask;
        while (generator.Next(batch))
        {
            ids.Give(batch);
            List<SealedTrace> rows = Rows(batch, packer, merger);
            await writing;
            writing = Task.WhenAll(rows.Chunk(RowsPerWriter).Select(part => store.AddAsync(part, CancellationToken.None)));
            int before = stored.Count;
            stored.AddRange(rows.Select(row => row.Summary.TraceId));
            if (stored.Count / TracesBetweenNews > before / TracesBetweenNews)
            {
                Console.Error.WriteLine($"  {stored.Count:N0} of {traces:N0} traces stored");
            }
        }

        await writing;
    }

    private static List<SealedTrace> Rows(SpanBatch batch, SpanPacker packer, SpanMerger merger)
    {
        var rows = new List<SealedTrace>();
        var trace = new Trace();
        foreach (TraceRange range in merger.Merge(batch))
        {
            trace.Load(batch, range);
            var block = new BlockKey(BlockKey.HourOf(trace.Start), Shard.Of(range.TraceId), 1, 0);
            rows.Add(new SealedTrace(TraceSummary.Of(trace, revision: 1), block, packer.Pack(batch, range.Start, range.Count).ToArray()));
        }

        return rows;
    }

    /// <summary>
    /// Ids that ascend, and their partitions with them. Azurite keeps its rows sorted in two plain arrays: with random ids every new row would
    /// move half of a million others, and filling would take longer than anybody waits. Where a row is found does not depend on it.
    /// </summary>
    private sealed class AscendingIds(int first, int count)
    {
        private readonly Random _random = new(first);
        private int _given;

        /// <summary>Gives new ids to the traces of a batch, whose spans lie together.</summary>
        public void Give(SpanBatch batch)
        {
            TraceId former = default;
            TraceId id = default;
            foreach (ref SpanRecord span in batch.Spans)
            {
                if (span.TraceId != former)
                {
                    former = span.TraceId;
                    id = Next();
                }

                span.TraceId = id;
            }
        }

        private TraceId Next()
        {
            string partition = $"t{(long)_given * Shard.Count * Shard.TracePartitions / count:x2}";
            ulong high = (ulong)(first + _given++) << 32;
            while (true)
            {
                var id = new TraceId(high, (ulong)_random.NextInt64());
                if (Shard.TracePartitionOf(id) == partition)
                {
                    return id;
                }
            }
        }
    }
}
