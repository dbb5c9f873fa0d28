using DurableTask.AzureStorage;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using ServerlessTrace.LocalHost.Configuration;
using ServerlessTrace.LocalHost.Invocation;
using ServerlessTrace.LocalHost.Orchestrations.Table;
using ServerlessTrace.LocalHost.Storage;

namespace ServerlessTrace.LocalHost.Orchestrations;

/// <summary>Hands orchestrator and activity functions to the durable engine.</summary>
internal static class OrchestrationFunctions
{
    // A crash costs as long as these. On one machine a renewal does not come late.
    private static readonly TimeSpan LongestVisibility = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LeaseRenewal = TimeSpan.FromSeconds(3);

    /// <exception cref="HostStartException">A parameter is wrong.</exception>
    public static OrchestrationRegistry Register(IEnumerable<HostedFunction> functions)
    {
        var registry = new OrchestrationRegistry();
        foreach (HostedFunction function in functions)
        {
            switch (function.Trigger)
            {
                case OrchestrationTriggerAttribute orchestration:
                    AddOrchestrator(registry, orchestration.Orchestration ?? function.Name, function);
                    break;
                case ActivityTriggerAttribute activity:
                    AddActivity(registry, activity.Activity ?? function.Name, function);
                    break;
            }
        }

        return registry;
    }

    public static OrchestrationEngine CreateEngine(
        OrchestrationRegistry registry, LocalFunctionHostOptions options, StorageAccount account, IServiceProvider services)
    {
        DurableTaskSettings settings = options.HostJson.DurableTask;
        ILoggerFactory loggers = services.GetRequiredService<ILoggerFactory>();
        OrchestrationBackend backend = options.Durable == DurableBackend.AzureStorage
            ? OrchestrationBackend.OnAzureStorage(AzureStorage(settings, account, loggers))
            : OrchestrationBackend.OnTable(
                settings.HubName,
                account.Tables,
                account.Blobs,
                new TableOrchestrationOptions
                {
                    MaxConcurrentActivities = settings.MaxConcurrentActivities,
                    MaxConcurrentOrchestrations = settings.MaxConcurrentOrchestrators,
                },
                options.TimeProvider,
                loggers);
        return new OrchestrationEngine(
            registry,
            backend,
            new OrchestrationEngineOptions { HubName = settings.HubName, DrainGrace = options.DrainLimit, TimerSkew = options.TimerSkew },
            services,
            loggers);
    }

    private static AzureStorageOrchestrationServiceSettings AzureStorage(DurableTaskSettings settings, StorageAccount account, ILoggerFactory loggers) => new()
    {
        TaskHubName = settings.HubName,
        WorkerId = HostIdentity.New().ToString(),
        StorageAccountClientProvider = account.ForDurableTask(),
        LoggerFactory = loggers,
        PartitionCount = settings.PartitionCount,
        MaxConcurrentTaskActivityWorkItems = settings.MaxConcurrentActivities,
        MaxConcurrentTaskOrchestrationWorkItems = settings.MaxConcurrentOrchestrators,
        MaxQueuePollingInterval = settings.MaxQueuePollingInterval,
        ControlQueueVisibilityTimeout = Lesser(settings.ControlQueueVisibilityTimeout, LongestVisibility),
        WorkItemQueueVisibilityTimeout = Lesser(settings.WorkItemQueueVisibilityTimeout, LongestVisibility),
        ExtendedSessionsEnabled = settings.ExtendedSessions,
        ExtendedSessionIdleTimeout = settings.ExtendedSessionIdleTimeout,
        LeaseInterval = Lease,
        LeaseRenewInterval = LeaseRenewal,
        LeaseAcquireInterval = LeaseRenewal,

        // Azurite may stall for seconds; a request that is given up meanwhile only adds to them.
        PartitionTableOperationTimeout = Lease,
        UseAppLease = false,
        ThrowExceptionOnInvalidDedupeStatus = true,
    };

    private static TimeSpan Lesser(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static void AddOrchestrator(OrchestrationRegistry registry, string name, HostedFunction function)
    {
        if (function.TriggerParameter.ParameterType != typeof(TaskOrchestrationContext))
        {
            throw function.Wrong($"takes its orchestration as {function.TriggerParameter.ParameterType.Name}: use TaskOrchestrationContext");
        }

        var invoker = new FunctionInvoker(function, TriggerBinding.Direct);
        registry.AddOrchestrator(name, (context, services) => invoker.RunAsync(new FunctionRun(context, services, CancellationToken.None)));
    }

    private static void AddActivity(OrchestrationRegistry registry, string name, HostedFunction function)
    {
        var invoker = new FunctionInvoker(function, TriggerBinding.Direct);
        registry.AddActivity(
            name,
            function.TriggerParameter.ParameterType,
            (input, services, cancel) => invoker.RunTracedAsync(new FunctionRun(input, services, cancel)));
    }
}
