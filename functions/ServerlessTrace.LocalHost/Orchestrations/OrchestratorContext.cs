using DurableTask.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Converters;
using Microsoft.DurableTask.Entities;

namespace ServerlessTrace.LocalHost.Orchestrations;

/// <summary>
/// What an orchestrator sees: the official context, with an input that can be read as any type, as functions expect, and with a check
/// that nothing but orchestrator code uses it.
/// </summary>
internal sealed class OrchestratorContext(TaskOrchestrationContext inner, string? input) : TaskOrchestrationContext
{
    private readonly List<Task> _open = [];

    /// <summary>Whether there is no durable task that an orchestrator could wait for.</summary>
    public bool HasNothingToWaitFor
    {
        get
        {
            _open.RemoveAll(static task => task.IsCompleted);
            return _open.Count == 0;
        }
    }

    public override TaskName Name => inner.Name;

    public override string InstanceId => inner.InstanceId;

    public override ParentOrchestrationInstance? Parent => inner.Parent;

    public override DateTime CurrentUtcDateTime => inner.CurrentUtcDateTime;

    public override bool IsReplaying => inner.IsReplaying;

    public override string Version => inner.Version;

    public override IReadOnlyDictionary<string, object?> Properties => inner.Properties;

    public override TaskOrchestrationEntityFeature Entities => inner.Entities;

    protected override ILoggerFactory LoggerFactory => inner.ReplaySafeLoggerFactory;

    public override T? GetInput<T>()
        where T : default => (T?)JsonDataConverter.Default.Deserialize(input, typeof(T)) ?? default;

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null) =>
        Open(() => inner.CallActivityAsync<TResult>(name, input, options));

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken) => Open(() => inner.CreateTimer(fireAt, cancellationToken));

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default) =>
        Open(() => inner.WaitForExternalEvent<T>(eventName, cancellationToken));

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null) =>
        Open(() => inner.CallSubOrchestratorAsync<TResult>(orchestratorName, input, options));

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        CheckThread();
        inner.SendEvent(instanceId, eventName, payload);
    }

    public override void SetCustomStatus(object? customStatus) => inner.SetCustomStatus(customStatus);

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) =>
        inner.ContinueAsNew(newInput, preserveUnprocessedEvents);

    public override Guid NewGuid() => inner.NewGuid();

    private static void CheckThread()
    {
        if (!OrchestrationContext.IsOrchestratorThread)
        {
            throw new InvalidOperationException(RegisteredOrchestration.NotDurable);
        }
    }

    private T Open<T>(Func<T> begin)
        where T : Task
    {
        CheckThread();
        T task = begin();
        _open.Add(task);
        return task;
    }
}
