using System.Diagnostics;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ServerlessTrace.Benchmarks.DropToSealed;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Sealing;
using ServerlessTrace.Storage.Services;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Benchmarks.Scale;

/// <summary>
/// What a load of a million spans a second would need of Azure: the real readers, keys, packing and sealing run on a part of one window, on Azurite; rows,
/// requests, bytes and processor time are counted, multiplied, and held against the documented limits.
/// </summary>
internal static class ScaleSimulation
{
    private const double SpansPerSecond = 1_000_000;
    private const int SpansPerSource = 10_000;
    private const int Sources = 20;
    private const double WindowSeconds = 5;
    private const double Utilisation = 0.6;

    public static async Task RunAsync()
    {
        await using LocalService service = await LocalService.StartAzuriteAsync();
        var traffic = new StorageTraffic();
        StorageClients clients = Connect(service.Azurite.ConnectionString, traffic);
        await clients.EnsureCreatedAsync(CancellationToken.None);
        using var services = new ServiceDirectory(clients, TimeProvider.System);
        var chunks = new ChunkStore(clients, TimeProvider.System);
        var sealer = new ShardSealer(
            chunks, new TraceStore(clients), new BlockStore(clients, new BusinessIndex(clients), TimeProvider.System), services, new SealOptions { QuietPeriod = TimeSpan.Zero }, new AnalysisOptions(), TimeProvider.System);
        byte[][] sources = [.. Enumerable.Range(0, Sources + 2).Select(i => BenchmarkFiles.SpanLog(SpansPerSource, (ulong)i + 1))];

        // The first are for the compiler.
        await IngestAsync(sources[..2], 1_000, chunks, services);
        await SealAsync(sealer);
        traffic.Clear();

        Console.WriteLine($"{SpansPerSecond:N0} spans/s, simulated by {Sources} of the {SpansPerSecond * WindowSeconds / SpansPerSource:N0} sources of {SpansPerSource:N0} spans that one window of {WindowSeconds:N0} s has");
        TimeSpan ingest = await MeasureAsync(() => IngestAsync(sources[2..], 0, chunks, services));
        int[] chunkRows = [.. (await RowsAsync(clients.SpanChunks)).Values];
        Dictionary<string, int> tracesBefore = await RowsAsync(clients.Traces);
        TimeSpan seal = await MeasureAsync(() => SealAsync(sealer));
        int[] traceRows = [.. (await RowsAsync(clients.Traces)).Select(partition => partition.Value - tracesBefore.GetValueOrDefault(partition.Key))];
        Print(traffic, chunkRows, traceRows, ingest, seal);
        PrintSpread();
    }

    private static void Print(StorageTraffic traffic, int[] chunkRows, int[] traceRows, TimeSpan ingest, TimeSpan seal)
    {
        const double Spans = Sources * SpansPerSource;
        double factor = SpansPerSecond / Spans;
        Console.WriteLine($"  counted for {Spans:N0} spans: {traffic.Requests:N0} requests, {traffic.Bytes / Spans:N0} bytes a span sent to storage, {traceRows.Sum():N0} traces");
        foreach ((string target, (long requests, long bytes)) in traffic.ByTarget.OrderByDescending(item => item.Value.Requests))
        {
            Console.WriteLine($"    {target,-32} {requests,7:N0} requests {bytes / Spans,8:N1} bytes a span   at scale {requests * factor,9:N0} /s");
        }

        // A chunk is written and deleted, a trace is written.
        double[] entities = [.. chunkRows.Select(rows => 2 * rows * factor), .. traceRows.Select(rows => rows * factor)];
        double partitions = entities.Sum() / AzureLimits.EntitiesPerPartition;
        Console.WriteLine($"  entities/s: {entities.Sum():N0}; the hottest of {traceRows.Length} partitions of traces {entities.Max():N0}, {traceRows.Max() / traceRows.Average():N2} x the mean; at {AzureLimits.EntitiesPerPartition:N0} a partition {Math.Ceiling(partitions):N0} partitions are needed");
        double byPartition = entities.Max() / AzureLimits.EntitiesPerPartition;
        double byAccount = entities.Sum() / AzureLimits.EntitiesPerAccount;
        double byIngress = traffic.Bytes * factor / AzureLimits.IngressPerAccount;
        double messages = SpansPerSecond / SpansPerSource / AzureLimits.MessagesPerQueue;
        Console.WriteLine($"  accounts needed, by partitions {byPartition:N1}, by entities {byAccount:N1}, by bytes {byIngress:N2}, by messages of sources {messages:N2}");
        double accounts = Math.Ceiling(Math.Max(Math.Max(byPartition, byAccount), Math.Max(byIngress, messages)));
        Console.WriteLine($"  => {accounts:N0} deployments side by side, each with {SpansPerSecond / accounts:N0} spans/s; senders choose by the trace's id, so that no trace is divided");

        double ingestCores = ingest.TotalSeconds * factor;
        double sealCores = seal.TotalSeconds * factor;
        double shardSeconds = sealCores / accounts / Shard.Count * WindowSeconds;
        Console.WriteLine($"  processor: ingest {ingest.TotalSeconds / Spans * 1e6:N2} us a span, sealing {seal.TotalSeconds / Spans * 1e6:N2} us a span (storage SDK included)");
        Console.WriteLine($"  => instances of {AzureLimits.CoresPerInstance:N0} core at {Utilisation:P0}: {Math.Ceiling(ingestCores / AzureLimits.CoresPerInstance / Utilisation):N0} for ingest, {Math.Ceiling(sealCores / AzureLimits.CoresPerInstance / Utilisation):N0} for sealing; a group may have {AzureLimits.InstancesPerGroup:N0}");
        Console.WriteLine($"  => a shard's window of {WindowSeconds:N0} s takes {shardSeconds:N2} s to seal: {(shardSeconds < WindowSeconds ? "it keeps up" : "IT FALLS BEHIND")}");
        Console.WriteLine($"  orchestrations: {accounts / WindowSeconds:N1} windows/s with {Shard.Count + 1} activities each, {accounts / WindowSeconds * ((Shard.Count * 2) + 8):N0} messages/s in all");
    }

    /// <summary>How evenly the shards are filled by ids as different senders make them.</summary>
    private static void PrintSpread()
    {
        const int Ids = 1_000_000;
        var random = new Random(1);
        (string Name, Func<int, TraceId> Make)[] senders =
        [
            ("random ids (W3C)", _ => new TraceId((ulong)random.NextInt64(), (ulong)random.NextInt64())),
            ("a time first (AWS X-Ray)", i => new TraceId(((1_772_128_800UL + ((ulong)i / 10_000)) << 32) | (uint)random.Next(), (ulong)random.NextInt64())),
            ("64 bits (B3)", _ => new TraceId(0, (ulong)random.NextInt64())),
            ("counted", i => new TraceId(0, (ulong)i + 1)),
        ];
        foreach ((string name, Func<int, TraceId> make) in senders)
        {
            int[] perShard = new int[Shard.Count];
            for (int i = 0; i < Ids; i++)
            {
                perShard[Shard.Of(make(i)).Number]++;
            }

            Console.WriteLine($"  spread of {Ids:N0} {name,-26} hottest shard {perShard.Max() / (double)Ids * Shard.Count:N3} x the mean");
        }
    }

    private static async Task IngestAsync(byte[][] sources, int first, ChunkStore chunks, ServiceDirectory services)
    {
        for (int i = 0; i < sources.Length; i++)
        {
            using var reader = new MemoryStream(sources[i]);
            var source = new SpanSourceReader(reader, $"source-{first + i}", new ReadLimits());
            await using (source)
            {
                var batch = new SpanBatch();
                for (int number = 0; await source.ReadBatchAsync(batch, CancellationToken.None); number++)
                {
                    await services.AddAsync(batch, CancellationToken.None);
                    await chunks.WriteAsync(SourceId.OfBlob("scale", $"{first + i}", "1"), number, batch, CancellationToken.None);
                    batch.Clear();
                }
            }
        }
    }

    private static async Task SealAsync(ShardSealer sealer)
    {
        foreach (Shard shard in Shard.All)
        {
            await sealer.SealAsync(shard, DateTimeOffset.UtcNow, CancellationToken.None);
        }
    }

    /// <summary>The processor time of this process: Azurite is another one.</summary>
    private static async Task<TimeSpan> MeasureAsync(Func<Task> work)
    {
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        await work();
        return Process.GetCurrentProcess().TotalProcessorTime - before;
    }

    /// <summary>The rows of a table by partition.</summary>
    private static async Task<Dictionary<string, int>> RowsAsync(TableClient table)
    {
        var rows = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (TableEntity row in table.QueryAsync<TableEntity>(select: ["PartitionKey"]))
        {
            rows[row.PartitionKey] = rows.GetValueOrDefault(row.PartitionKey) + 1;
        }

        return rows;
    }

    private static StorageClients Connect(string connection, StorageTraffic traffic)
    {
        TOptions Counted<TOptions>(TOptions options)
            where TOptions : ClientOptions
        {
            options.AddPolicy(traffic, HttpPipelinePosition.PerRetry);
            return options;
        }

        return new StorageClients(
            new TableServiceClient(connection, Counted(new TableClientOptions())),
            new BlobServiceClient(connection, Counted(new BlobClientOptions())),
            new QueueServiceClient(connection, Counted(new QueueClientOptions())));
    }
}
