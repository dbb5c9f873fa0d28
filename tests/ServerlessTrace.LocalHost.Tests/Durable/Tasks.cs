using Microsoft.DurableTask;
using DurableTaskRegistry = ServerlessTrace.LocalHost.Durable.DurableTaskRegistry;

namespace ServerlessTrace.LocalHost.Tests.Durable;

/// <summary>Registers orchestrators and activities in a line each.</summary>
internal static class Tasks
{
    public static DurableTaskRegistry Orchestrator(this DurableTaskRegistry registry, string name, Func<TaskOrchestrationContext, Task<object?>> run) =>
        registry.AddOrchestrator(name, (context, _) => run(context));

    public static DurableTaskRegistry Activity<TInput>(this DurableTaskRegistry registry, string name, Func<TInput, Task<object?>> run) =>
        registry.AddActivity(name, typeof(TInput), (input, _, _) => run((TInput)input!));

    public static DurableTaskRegistry Activity<TInput>(this DurableTaskRegistry registry, string name, Func<TInput, object?> run) =>
        registry.AddActivity(name, typeof(TInput), (input, _, _) => Task.FromResult(run((TInput)input!)));
}
