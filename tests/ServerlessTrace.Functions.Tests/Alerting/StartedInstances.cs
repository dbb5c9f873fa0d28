using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace ServerlessTrace.Functions.Tests.Alerting;

/// <summary>Remembers which orchestrations were started, with what; runs none of them.</summary>
internal sealed class StartedInstances() : DurableTaskClient("started")
{
    private readonly Dictionary<string, object?> _inputs = new(StringComparer.Ordinal);

    /// <summary>The inputs of all instances, each instance once.</summary>
    public IReadOnlyCollection<object?> Inputs => _inputs.Values;

    /// <summary>Ids of instances that have completed already.</summary>
    public HashSet<string> Completed { get; } = new(StringComparer.Ordinal);

    public void Clear() => _inputs.Clear();

    public override Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        string id = options?.InstanceId ?? throw new InvalidOperationException("An instance needs an id, so that it is started once.");
        if (Completed.Contains(id))
        {
            throw new InvalidOperationException("It exists.");
        }

        _inputs[id] = input;
        return Task.FromResult(id);
    }

    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) => throw new NotSupportedException();

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) => throw new NotSupportedException();

    public override Task<OrchestrationMetadata?> GetInstancesAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        Task.FromResult<OrchestrationMetadata?>(
            Completed.Contains(instanceId) ? new OrchestrationMetadata("completed", instanceId) { RuntimeStatus = OrchestrationRuntimeStatus.Completed } : null);

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) => throw new NotSupportedException();

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override ValueTask DisposeAsync() => default;
}
