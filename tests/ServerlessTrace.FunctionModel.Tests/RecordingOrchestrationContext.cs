using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ServerlessTrace.FunctionModel.Tests;

/// <summary>Remembers which call of the model ends in which abstract member.</summary>
internal sealed class RecordingOrchestrationContext : TaskOrchestrationContext
{
    public List<(string Name, object? Input, TaskOptions? Options)> Calls { get; } = [];

    public TaskCompletionSource Timer { get; } = new();

    public TaskCompletionSource<object?> ExternalEvent { get; } = new();

    public DateTime? TimerDue { get; private set; }

    public CancellationToken TimerToken { get; private set; }

    public override TaskName Name => new("orchestrator");

    public override string InstanceId => "instance";

    public override ParentOrchestrationInstance? Parent => null;

    public override DateTime CurrentUtcDateTime => new(2026, 2, 26, 18, 0, 0, DateTimeKind.Utc);

    public override bool IsReplaying => false;

    protected override ILoggerFactory LoggerFactory => NullLoggerFactory.Instance;

    public override T? GetInput<T>()
        where T : default => default;

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null) =>
        Record<TResult>(name, input, options);

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null) =>
        Record<TResult>(orchestratorName, input, options);

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        TimerDue = fireAt;
        TimerToken = cancellationToken;
        return Timer.Task;
    }

    public override async Task<T?> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
        where T : default
    {
        await using var cancelled = cancellationToken.Register(() => ExternalEvent.TrySetCanceled(cancellationToken));
        return (T?)await ExternalEvent.Task;
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
    }

    public override void SetCustomStatus(object? customStatus)
    {
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
    }

    public override Guid NewGuid() => Guid.Empty;

    private Task<TResult> Record<TResult>(TaskName name, object? input, TaskOptions? options)
    {
        Calls.Add((name, input, options));
        return Task.FromResult(default(TResult)!);
    }
}
