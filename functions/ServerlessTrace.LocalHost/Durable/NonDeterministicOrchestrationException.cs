namespace ServerlessTrace.LocalHost.Durable;

/// <summary>An orchestrator's code does not do what its recorded history says, or waits for something no history can hold.</summary>
#pragma warning disable CA1032 // Only the engine throws it, always with what differs.
public sealed class NonDeterministicOrchestrationException(string message) : InvalidOperationException(message);
#pragma warning restore CA1032
