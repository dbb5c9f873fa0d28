using System.Diagnostics.CodeAnalysis;
using Microsoft.DurableTask;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>The orchestrators and activities an engine can run. Names are case-insensitive, as they are on Azure.</summary>
public sealed class DurableTaskRegistry
{
    private readonly Dictionary<string, Orchestrator> _orchestrators = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Activity> _activities = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds an orchestrator; its result is serialized as JSON. The services are those of one scope per replay.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public DurableTaskRegistry AddOrchestrator(string name, Func<TaskOrchestrationContext, IServiceProvider, Task<object?>> run)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(run);
        _orchestrators.Add(name, new Orchestrator(name, run));
        return this;
    }

    /// <summary>Adds an activity. Its input is read from JSON as <paramref name="inputType"/>, null where it takes none.
    /// The services are those of one scope per call; the token is cancelled when the host ends or loses the instance.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public DurableTaskRegistry AddActivity(
        string name, Type? inputType, Func<object?, IServiceProvider, CancellationToken, Task<object?>> run)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(run);
        _activities.Add(name, new Activity(name, inputType, run));
        return this;
    }

    internal bool TryGetOrchestrator(string name, [NotNullWhen(true)] out Orchestrator? orchestrator) =>
        _orchestrators.TryGetValue(name, out orchestrator);

    internal bool TryGetActivity(string name, [NotNullWhen(true)] out Activity? activity) => _activities.TryGetValue(name, out activity);

    internal sealed record Orchestrator(string Name, Func<TaskOrchestrationContext, IServiceProvider, Task<object?>> Run);

    internal sealed record Activity(
        string Name, Type? InputType, Func<object?, IServiceProvider, CancellationToken, Task<object?>> Run);
}
