using Microsoft.DurableTask;
using ServerlessTrace.LocalHost.Durable.History;

namespace ServerlessTrace.LocalHost.Durable.Replay;

/// <summary>What an orchestrator sees of its <see cref="OrchestrationRun"/>.</summary>
internal sealed class OrchestrationContext(OrchestrationRun run) : TaskOrchestrationContext
{
    // The official limit.
    private const int MaxCustomStatusBytes = 16 << 10;

    public override TaskName Name => run.Name;

    public override string InstanceId => run.InstanceId;

    public override ParentOrchestrationInstance? Parent => run.Parent;

    public override DateTime CurrentUtcDateTime => run.Now;

    public override bool IsReplaying => run.IsReplaying;

    protected override ILoggerFactory LoggerFactory => run.Loggers;

    public override T? GetInput<T>()
        where T : default => Payload.Read<T>(run.Input);

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null) =>
        CallAsync<TResult>(HistoryActionKind.CallActivity, name, Payload.Write(input, $"input of activity '{name}'"), options?.Retry?.Policy);

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null) =>
        CallAsync<TResult>(
            HistoryActionKind.CallSubOrchestrator, orchestratorName, Payload.Write(input, $"input of orchestrator '{orchestratorName}'"), options?.Retry?.Policy);

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken) =>
        run.StartTimer(fireAt.Kind == DateTimeKind.Local ? fireAt.ToUniversalTime() : DateTime.SpecifyKind(fireAt, DateTimeKind.Utc), cancellationToken);

    public override async Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        return Payload.Read<T>(await run.WaitForEvent(eventName, cancellationToken))!;
    }

    public override void SendEvent(string instanceId, string eventName, object payload) => run.Start(new HistoryAction
    {
        Kind = HistoryActionKind.SendEvent,
        InstanceId = instanceId,
        Name = eventName,
        Payload = Payload.Write(payload, $"event '{eventName}'"),
    });

    public override void SetCustomStatus(object? customStatus)
    {
        run.RequireOwnThread();
        run.CustomStatus = Payload.Write(customStatus, "custom status", MaxCustomStatusBytes);
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) =>
        run.ContinueAsNew(Payload.Write(newInput, "new input"), preserveUnprocessedEvents);

    public override Guid NewGuid() => run.NewGuid();

    private async Task<TResult> CallAsync<TResult>(HistoryActionKind kind, TaskName name, string? input, RetryPolicy? policy)
    {
        DateTime deadline = policy is null || policy.RetryTimeout == Timeout.InfiniteTimeSpan ? DateTime.MaxValue : run.Now + policy.RetryTimeout;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return Payload.Read<TResult>(await run.Start(new HistoryAction { Kind = kind, Name = name.Name, Payload = input }))!;
            }
            catch (TaskFailedException) when (policy is not null && attempt < policy.MaxNumberOfAttempts && run.Now < deadline)
            {
                await run.StartTimer(run.Now + Backoff(policy, attempt), CancellationToken.None);
            }
        }
    }

    private static TimeSpan Backoff(RetryPolicy policy, int attempt)
    {
        double ticks = policy.FirstRetryInterval.Ticks * Math.Pow(policy.BackoffCoefficient, attempt - 1);
        return ticks >= policy.MaxRetryInterval.Ticks ? policy.MaxRetryInterval : TimeSpan.FromTicks((long)ticks);
    }
}
