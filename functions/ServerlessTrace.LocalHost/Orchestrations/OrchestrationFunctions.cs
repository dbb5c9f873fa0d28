using Azure.Data.Tables;
using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using ServerlessTrace.LocalHost.Configuration;
using ServerlessTrace.LocalHost.Durable;
using ServerlessTrace.LocalHost.Invocation;
using DurableTaskRegistry = ServerlessTrace.LocalHost.Durable.DurableTaskRegistry;

namespace ServerlessTrace.LocalHost.Orchestrations;

/// <summary>Hands orchestrator and activity functions to the durable engine.</summary>
internal static class OrchestrationFunctions
{
    /// <exception cref="HostStartException">A parameter is wrong.</exception>
    public static DurableTaskRegistry Register(IEnumerable<HostedFunction> functions)
    {
        var registry = new DurableTaskRegistry();
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

    public static DurableEngine CreateEngine(
        DurableTaskRegistry registry, DurableTaskSettings settings, TableServiceClient tables, QueueServiceClient queues, TimeSpan drainLimit, IServiceProvider services)
    {
        var options = new DurableEngineOptions
        {
            HubName = settings.HubName,
            MaxConcurrentActivities = settings.MaxConcurrentActivities,
            MaxConcurrentOrchestrations = settings.MaxConcurrentOrchestrators,
            MaxQueuePollingInterval = settings.MaxQueuePollingInterval,
            DrainGrace = drainLimit,
        };
        return new DurableEngine(
            registry, options, tables, queues, services, services.GetRequiredService<ILoggerFactory>(), services.GetRequiredService<TimeProvider>());
    }

    private static void AddOrchestrator(DurableTaskRegistry registry, string name, HostedFunction function)
    {
        if (function.TriggerParameter.ParameterType != typeof(TaskOrchestrationContext))
        {
            throw function.Wrong($"takes its orchestration as {function.TriggerParameter.ParameterType.Name}: use TaskOrchestrationContext");
        }

        var invoker = new FunctionInvoker(function, TriggerBinding.Direct);
        registry.AddOrchestrator(name, (context, services) => invoker.RunAsync(new FunctionRun(context, services, CancellationToken.None)));
    }

    private static void AddActivity(DurableTaskRegistry registry, string name, HostedFunction function)
    {
        var invoker = new FunctionInvoker(function, TriggerBinding.Direct);
        registry.AddActivity(
            name,
            function.TriggerParameter.ParameterType,
            (input, services, cancel) => invoker.RunTracedAsync(new FunctionRun(input, services, cancel)));
    }
}
