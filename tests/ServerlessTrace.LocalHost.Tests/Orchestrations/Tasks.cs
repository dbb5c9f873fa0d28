using Microsoft.DurableTask;
using ServerlessTrace.LocalHost.Orchestrations;

namespace ServerlessTrace.LocalHost.Tests.Orchestrations;

/// <summary>Registers orchestrators and activities in a line each.</summary>
internal static class Tasks
{
    public static OrchestrationRegistry Orchestrator(this OrchestrationRegistry registry, string name, Func<TaskOrchestrationContext, Task<object?>> run) =>
        registry.AddOrchestrator(name, (context, _) => run(context));

    public static OrchestrationRegistry Activity<TInput>(this OrchestrationRegistry registry, string name, Func<TInput, Task<object?>> run) =>
        registry.AddActivity(name, typeof(TInput), (input, _, _) => run((TInput)input!));

    public static OrchestrationRegistry Activity<TInput>(this OrchestrationRegistry registry, string name, Func<TInput, object?> run) =>
        registry.AddActivity(name, typeof(TInput), (input, _, _) => Task.FromResult(run((TInput)input!)));

    public static OrchestrationRegistry Activity<TInput>(
        this OrchestrationRegistry registry, string name, Func<TInput, CancellationToken, Task<object?>> run) =>
        registry.AddActivity(name, typeof(TInput), (input, _, cancellationToken) => run((TInput)input!, cancellationToken));
}
