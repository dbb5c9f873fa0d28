using DurableTask.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Worker.Shims;

namespace ServerlessTrace.LocalHost.Orchestrations;

/// <summary>An orchestrator, as Core runs it: once for each time that an instance is brought into memory.</summary>
internal sealed class RegisteredOrchestration(
    string name, OrchestrationRegistry.Orchestrator run, DurableTaskShimFactory shims, IServiceProvider services) : TaskOrchestration
{
    /// <summary>Why an orchestrator fails that waits for what no replay could repeat.</summary>
    public const string NotDurable =
        "The orchestrator waits for something that is not durable: it may await nothing but what its context returns, and not on another thread.";

    private TaskOrchestration? _shim;
    private OrchestratorContext? _context;
    private Task<string?> _execution = Task.FromResult<string?>(null);

    /// <summary>The instance that called this one as its sub-orchestration.</summary>
    public ParentOrchestrationInstance? Parent { get; set; }

    /// <summary>Whether the orchestrator waits although there is nothing that could wake it.</summary>
    public bool IsStuck => !_execution.IsCompleted && _context?.HasNothingToWaitFor == true;

    public override Task<string?> Execute(OrchestrationContext context, string? input)
    {
        _shim = shims.CreateOrchestration(name, new Implementation(this, input), Parent);
        return _execution = _shim.Execute(context, input);
    }

    public override void RaiseEvent(OrchestrationContext context, string name, string input) => _shim?.RaiseEvent(context, name, input);

    public override string? GetStatus() => _shim?.GetStatus();

    private async Task<object?> RunAsync(TaskOrchestrationContext context, string? input)
    {
        _context = new OrchestratorContext(context, input);
        await using AsyncServiceScope scope = services.CreateAsyncScope();
        return await run(_context, scope.ServiceProvider);
    }

    private sealed class Implementation(RegisteredOrchestration orchestration, string? input) : ITaskOrchestrator
    {
        // The context reads the input as what the function asks for.
        public Type InputType => typeof(object);

        public Type OutputType => typeof(object);

        public Task<object?> RunAsync(TaskOrchestrationContext context, object? ignored) => orchestration.RunAsync(context, input);
    }
}
