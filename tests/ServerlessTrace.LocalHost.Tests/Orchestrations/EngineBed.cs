using System.Collections.Concurrent;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using DurableTask.AzureStorage;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using ServerlessTrace.LocalHost.Orchestrations;
using ServerlessTrace.LocalHost.Orchestrations.Table;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Orchestrations;

/// <summary>A task hub of its own on real storage, and the engines that share it.</summary>
internal sealed class EngineBed(AzuriteFixture azurite, TestedBackend backend)
{
    // What Azure Storage loses with a host comes back after these; Azurite may stall for long after many deletes.
    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly List<OrchestrationEngine> _engines = [];
    private readonly ConcurrentQueue<string> _trouble = new();
    private readonly IServiceProvider _services = new ServiceCollection().BuildServiceProvider();

    public string Hub { get; } = AzuriteFixture.NewName("Hub")[..20];

    public bool IsTable => backend != TestedBackend.AzureStorage;

    public TableClient Table => azurite.Tables.GetTableClient(Hub + "Orchestrations");

    public BlobContainerClient Spills => azurite.Blobs.GetBlobContainerClient(Hub.ToLowerInvariant() + "-spilled");

    public string Trouble => string.Join('\n', _trouble);

    public async Task<OrchestrationEngine> StartAsync(
        OrchestrationRegistry registry, TableOrchestrationOptions? options = null, KillSwitch? storage = null, TimeSpan? grace = null, TimeSpan skew = default,
        TimeProvider? time = null)
    {
        var engine = new OrchestrationEngine(
            registry,
            IsTable ? OnTable(options ?? new TableOrchestrationOptions(), storage, time ?? TimeProvider.System) : OnAzureStorage(storage),
            new OrchestrationEngineOptions { HubName = Hub, DrainGrace = grace ?? TimeSpan.FromSeconds(5), TimerSkew = skew },
            _services,
            new TroubleLog(_trouble));
        _engines.Add(engine);
        await engine.StartAsync();
        return engine;
    }

    public static async Task<string> BeginAsync(OrchestrationEngine engine, string orchestrator, object? input = null, string? id = null) =>
        await engine.Client.ScheduleNewOrchestrationInstanceAsync(orchestrator, input, new Microsoft.DurableTask.StartOrchestrationOptions(id));

    public async Task<OrchestrationMetadata> EndAsync(OrchestrationEngine engine, string instanceId)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            return await engine.Client.WaitForInstanceCompletionAsync(instanceId, getInputsAndOutputs: true, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Instance {instanceId} did not end. {Trouble}");
        }
    }

    public async Task<OrchestrationMetadata> RunAsync(OrchestrationEngine engine, string orchestrator, object? input = null) =>
        await EndAsync(engine, await BeginAsync(engine, orchestrator, input));

    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"Did not come about in time: {what}. {Trouble}");
            await Task.Delay(20);
        }
    }

    public Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public Task UntilStatusAsync(OrchestrationEngine engine, string id, OrchestrationRuntimeStatus status) =>
        UntilAsync(async () => (await engine.Client.GetInstanceAsync(id))?.RuntimeStatus == status, $"{id} is {status}");

    public async Task<InstanceHubRows> RowsAsync()
    {
        var rows = new List<TableEntity>();
        await foreach (TableEntity row in Table.QueryAsync<TableEntity>("PartitionKey eq 'instances'"))
        {
            rows.Add(row);
        }

        return new InstanceHubRows(rows.Count, rows.Count(row => row.GetString("Owner").Length > 0));
    }

    public async Task CloseAsync()
    {
        foreach (OrchestrationEngine engine in _engines)
        {
            await engine.DisposeAsync();
        }

        if (IsTable)
        {
            await Table.DeleteAsync();
            await Spills.DeleteIfExistsAsync();
        }
    }

    private OrchestrationBackend OnTable(TableOrchestrationOptions options, KillSwitch? storage, TimeProvider time) => OrchestrationBackend.OnTable(
        Hub,
        new TableServiceClient(azurite.ConnectionString, With(new TableClientOptions(), storage)),
        new BlobServiceClient(azurite.ConnectionString, With(new BlobClientOptions(), storage)),
        options with { ReplayAlways = backend == TestedBackend.ReplayingTable },
        time,
        new TroubleLog(_trouble));

    private OrchestrationBackend OnAzureStorage(KillSwitch? storage) => OrchestrationBackend.OnAzureStorage(new AzureStorageOrchestrationServiceSettings
    {
        TaskHubName = Hub,
        PartitionCount = 1,
        WorkerId = Guid.NewGuid().ToString("n"),
        UseAppLease = false,
        MaxConcurrentTaskActivityWorkItems = 50,
        MaxQueuePollingInterval = TimeSpan.FromMilliseconds(100),
        ControlQueueVisibilityTimeout = Visibility,
        WorkItemQueueVisibilityTimeout = Visibility,
        LeaseInterval = TimeSpan.FromSeconds(3),
        LeaseRenewInterval = TimeSpan.FromSeconds(1),
        LeaseAcquireInterval = TimeSpan.FromSeconds(1),
        ThrowExceptionOnInvalidDedupeStatus = true,
        LoggerFactory = new TroubleLog(_trouble),
        StorageAccountClientProvider = new StorageAccountClientProvider(
            StorageServiceClientProvider.ForBlob(azurite.ConnectionString, With(new BlobClientOptions(), storage)),
            StorageServiceClientProvider.ForQueue(azurite.ConnectionString, With(new QueueClientOptions(), storage)),
            StorageServiceClientProvider.ForTable(azurite.ConnectionString, With(new TableClientOptions(), storage))),
    });

    private static T With<T>(T options, KillSwitch? storage)
        where T : ClientOptions
    {
        if (storage is not null)
        {
            options.AddPolicy(storage, HttpPipelinePosition.PerCall);
        }

        return options;
    }
}

/// <param name="Count">Rows of instances.</param>
/// <param name="Owned">Those that a host has in memory.</param>
internal sealed record InstanceHubRows(int Count, int Owned);
