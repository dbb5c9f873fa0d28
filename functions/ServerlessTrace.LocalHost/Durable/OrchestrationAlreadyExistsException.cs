namespace ServerlessTrace.LocalHost.Durable;

/// <summary>An instance of this id has not ended yet.</summary>
#pragma warning disable CA1032 // Only the engine throws it, always with the id.
public sealed class OrchestrationAlreadyExistsException(string instanceId)
    : InvalidOperationException($"An orchestration instance with the id '{instanceId}' exists and has not ended.")
#pragma warning restore CA1032
{
    /// <summary>The id.</summary>
    public string InstanceId { get; } = instanceId;
}
