using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues;
using Microsoft.Extensions.Time.Testing;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Sampling;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Sealing;
using ServerlessTrace.Storage.Search;
using ServerlessTrace.Storage.Secrets;
using ServerlessTrace.Storage.Services;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.Storage.Usage;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Faults;

namespace ServerlessTrace.TestSupport.Storage;

/// <summary>A test on empty storage, at a time of its own.</summary>
[Collection(Collection)]
public abstract class StorageTest : IAsyncLifetime
{
    /// <summary>The names of tables are fixed, so that tests with storage take turns; each begins with empty tables.</summary>
    public const string Collection = "storage";

    private readonly AzuriteFixture _azurite;
    private readonly List<IDisposable> _memories = [];

    protected StorageTest(AzuriteFixture azurite)
    {
        ArgumentNullException.ThrowIfNull(azurite);
        _azurite = azurite;
        Clients = Connect(azurite.ConnectionString, Requests, Lost);
        Services = NewServices();
        Erased = NewErased();
    }

    internal RequestLog Requests { get; } = new();

    internal LostWrites Lost { get; } = new();

    internal StorageClients Clients { get; }

    internal FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 2, 26, 18, 0, 0, TimeSpan.Zero));

    internal SealOptions Options { get; } = new();

    internal AnalysisOptions Analysis { get; set; } = AnalysisOptions.Default;

    internal ServiceDirectory Services { get; private set; }

    internal ErasedTraces Erased { get; }

    internal ChunkStore Chunks => new(Clients, Clock, Erased);

    internal TraceStore Traces => new(Clients);

    internal BlockStore Blocks => new(Clients, Index, Clock);

    internal TraceSearch Search => new(Blocks, new TraceLoader(Traces, Chunks), AnalysisOptions.Default);

    internal BlockCompaction Compaction => new(Clients, Index, Clock);

    internal BusinessIndex Index => new(Clients);

    internal AggregateStore Aggregates => new(Clients);

    internal ReceiptStore Receipts => new(Clients);

    public async Task InitializeAsync()
    {
        var tables = new List<string>();
        await foreach (TableItem table in _azurite.Tables.QueryAsync())
        {
            tables.Add(table.Name);
        }

        await Task.WhenAll(tables.Select(table => _azurite.Tables.DeleteTableAsync(table)));
        await Clients.EnsureCreatedAsync(CancellationToken.None);
        foreach (string blob in await SpilledBlobsAsync())
        {
            await Clients.Spilled.DeleteBlobAsync(blob);
        }

        Requests.Clear();
    }

    public Task DisposeAsync()
    {
        _memories.ForEach(memory => memory.Dispose());
        return Task.CompletedTask;
    }

    /// <summary>A sealer as a new process has it: it remembers nothing.</summary>
    internal ShardSealer NewSealer() => new(
        Chunks, Traces, Blocks, NewServices(), Options, Analysis, Clock, outbox: null, Sampling, new DroppedTraces(Clients), NewErased());

    internal SamplingOptions Sampling { get; } = new();

    /// <summary>Stores a source as ingest does: its services, then its spans.</summary>
    internal async Task WriteAsync(string source, SpanBatch batch)
    {
        await Services.AddAsync(batch, CancellationToken.None);
        await Chunks.WriteAsync(Source(source), 0, batch, CancellationToken.None);
    }

    /// <summary>Looks once at every shard with open chunks, as a window's orchestration does after the window's end.</summary>
    internal async Task<SealResult> SealAsync(DateTimeOffset? before = null)
    {
        ShardSealer sealer = NewSealer();
        var total = new SealResult(0, 0, 0, 0);
        foreach (OpenShard shard in await Chunks.ReadOpenShardsAsync(CancellationToken.None))
        {
            SealResult result = await sealer.SealAsync(shard.Shard, before ?? Clock.GetUtcNow().AddSeconds(1), CancellationToken.None);
            total = new SealResult(
                total.Sealed + result.Sealed,
                total.Resealed + result.Resealed,
                total.Open + result.Open,
                Math.Max(total.DueUnixMs, result.DueUnixMs),
                total.Unreadable + result.Unreadable);
        }

        return total;
    }

    internal static async Task<List<TableEntity>> RowsAsync(TableClient table)
    {
        var rows = new List<TableEntity>();
        await foreach (TableEntity row in table.QueryAsync<TableEntity>())
        {
            rows.Add(row);
        }

        return rows;
    }

    internal async Task<List<string>> SpilledBlobsAsync()
    {
        var blobs = new List<string>();
        await foreach (BlobItem blob in Clients.Spilled.GetBlobsAsync())
        {
            blobs.Add(blob.Name);
        }

        return blobs;
    }

    internal static SourceId Source(string name) => SourceId.OfBlob("span-logs", name, "1");

    private ServiceDirectory NewServices()
    {
        var services = new ServiceDirectory(Clients, Clock);
        _memories.Add(services);
        return services;
    }

    /// <summary>What a new process knows of erased traces: nothing yet.</summary>
    internal ErasedTraces NewErased()
    {
        var erased = new ErasedTraces(Clients, new ErasureKeyStore(Clients), Clock);
        _memories.Add(erased);
        return erased;
    }

    private static StorageClients Connect(string connectionString, params HttpPipelinePolicy[] policies)
    {
        T Watched<T>(T options)
            where T : ClientOptions
        {
            Array.ForEach(policies, policy => options.AddPolicy(policy, HttpPipelinePosition.PerRetry));
            options.Retry.Delay = TimeSpan.FromMilliseconds(1);
            options.Retry.MaxDelay = TimeSpan.FromMilliseconds(2);
            return options;
        }

        return new StorageClients(
            new TableServiceClient(connectionString, Watched(new TableClientOptions())),
            new BlobServiceClient(connectionString, Watched(new BlobClientOptions())),
            new QueueServiceClient(connectionString, Watched(new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None })));
    }
}
