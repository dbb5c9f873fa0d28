using System.Collections.Concurrent;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using ServerlessTrace.LocalHost.Durable;
using ServerlessTrace.TestSupport.Azurite;
using DurableTaskRegistry = ServerlessTrace.LocalHost.Durable.DurableTaskRegistry;

namespace ServerlessTrace.LocalHost.Tests.Durable;

/// <summary>A task hub of its own on real storage, and the engines that share it.</summary>
internal sealed class EngineBed(AzuriteFixture azurite)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly List<DurableEngine> _engines = [];
    private readonly ConcurrentQueue<string> _trouble = new();
    private readonly IServiceProvider _services = new ServiceCollection().BuildServiceProvider();

    public string Hub { get; } = AzuriteFixture.NewName("Hub")[..20];

    public TableClient Table => azurite.Tables.GetTableClient(Hub + "Instances");

    public async Task<DurableEngine> StartAsync(
        DurableTaskRegistry registry, Action<DurableEngineOptions>? configure = null, RequestCounter? counter = null, TimeProvider? time = null)
    {
        var options = new DurableEngineOptions { HubName = Hub };
        configure?.Invoke(options);
        var tableOptions = new TableClientOptions();
        var queueOptions = new QueueClientOptions();
        if (counter is not null)
        {
            tableOptions.AddPolicy(counter, HttpPipelinePosition.PerRetry);
            queueOptions.AddPolicy(counter, HttpPipelinePosition.PerRetry);
        }

        var engine = new DurableEngine(
            registry,
            options,
            new TableServiceClient(azurite.ConnectionString, tableOptions),
            new QueueServiceClient(azurite.ConnectionString, queueOptions),
            _services,
            new TroubleLog(_trouble),
            time ?? TimeProvider.System);
        _engines.Add(engine);
        await engine.StartAsync(CancellationToken.None);
        return engine;
    }

    public static async Task<string> BeginAsync(DurableEngine engine, string orchestrator, object? input = null, string? id = null) =>
        await engine.Client.ScheduleNewOrchestrationInstanceAsync(orchestrator, input, new StartOrchestrationOptions(id));

    public async Task<OrchestrationMetadata> EndAsync(DurableEngine engine, string instanceId)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            return await engine.Client.WaitForInstanceCompletionAsync(instanceId, getInputsAndOutputs: true, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Instance {instanceId} did not end. {string.Join('\n', _trouble)}");
        }
    }

    public async Task<OrchestrationMetadata> RunAsync(DurableEngine engine, string orchestrator, object? input = null) =>
        await EndAsync(engine, await BeginAsync(engine, orchestrator, input));

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"Did not come about in time: {what}.");
            await Task.Delay(20);
        }
    }

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public async Task<int> CountRowsAsync()
    {
        int rows = 0;
        await foreach (TableEntity _ in Table.QueryAsync<TableEntity>("PartitionKey eq 'instances'"))
        {
            rows++;
        }

        return rows;
    }

    public async Task CloseAsync()
    {
        foreach (DurableEngine engine in _engines)
        {
            await engine.DisposeAsync();
        }

        await Table.DeleteAsync();
        await azurite.Queues.GetQueueClient(Hub.ToLowerInvariant() + "-instances").DeleteIfExistsAsync();
    }
}
