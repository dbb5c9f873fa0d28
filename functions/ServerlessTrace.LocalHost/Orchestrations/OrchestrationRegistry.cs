using DurableTask.Core;
using Microsoft.DurableTask;

namespace ServerlessTrace.LocalHost.Orchestrations;

/// <summary>The orchestrators and activities that an engine can run. Names are case-insensitive, as they are on Azure.</summary>
internal sealed class OrchestrationRegistry
{
    private readonly Dictionary<string, Orchestrator> _orchestrators = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Activity> _activities = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs an orchestrator. The services are those of one scope per run or replay.</summary>
    public delegate Task<object?> Orchestrator(TaskOrchestrationContext context, IServiceProvider services);

    /// <summary>Runs an activity. The services are those of one scope per call; the token is cancelled when the engine ends.</summary>
    public delegate Task<object?> ActivityRun(object? input, IServiceProvider services, CancellationToken cancellationToken);

    /// <summary>Adds an orchestrator; its result is serialised as JSON.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public OrchestrationRegistry AddOrchestrator(string name, Orchestrator run)
    {
        _orchestrators.Add(name, run);
        return this;
    }

    /// <summary>Adds an activity. Its input is read from JSON as <paramref name="inputType"/>.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public OrchestrationRegistry AddActivity(string name, Type inputType, ActivityRun run)
    {
        _activities.Add(name, new Activity(inputType, run));
        return this;
    }

    /// <summary>The orchestrator of a name. That of an unknown one fails, so that nothing waits for it in vain.</summary>
    public Orchestrator FindOrchestrator(string name) => _orchestrators.GetValueOrDefault(
        name, (_, _) => throw new InvalidOperationException($"This host has no orchestrator named '{name}'."));

    /// <summary>The activity of a name. That of an unknown one fails.</summary>
    public Activity FindActivity(string name) => _activities.GetValueOrDefault(name)
        ?? new Activity(typeof(object), (_, _, _) => throw new InvalidOperationException($"This host has no activity named '{name}'."));

    /// <param name="InputType">What its input is read as.</param>
    /// <param name="Run">Runs it.</param>
    internal sealed record Activity(Type InputType, ActivityRun Run);

    /// <summary>Makes Core's objects by name.</summary>
    internal sealed class Objects<T>(Func<string, T> create) : INameVersionObjectManager<T>
        where T : class
    {
        public void Add(ObjectCreator<T> creator) => throw new NotSupportedException();

        public T GetObject(string name, string? version) => create(name);
    }
}
