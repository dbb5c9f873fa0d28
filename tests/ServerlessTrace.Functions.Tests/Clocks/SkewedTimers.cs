using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ServerlessTrace.Functions.Tests.Clocks;

/// <summary>Runs an orchestrator whose durable timers fire early or late, as those of Azure's default backend do: in whole seconds, and so up to 1 s early.</summary>
internal sealed class SkewedTimers(EventClock clock, TimeSpan skew, object input, Func<string, object?, Task<object>> activities) : TaskOrchestrationContext
{
    private const int MostActivities = 20;

    /// <summary>The names of the activities called, in order.</summary>
    public List<string> Called { get; } = [];

    public override TaskName Name => new("skewed");

    public override string InstanceId => "skewed";

    public override ParentOrchestrationInstance? Parent => null;

    public override DateTime CurrentUtcDateTime => clock.GetUtcNow().UtcDateTime;

    public override bool IsReplaying => false;

    protected override ILoggerFactory LoggerFactory => NullLoggerFactory.Instance;

    public override T? GetInput<T>()
        where T : default => (T)input;

    public override async Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        Called.Add(name.Name);
        Assert.True(Called.Count < MostActivities, $"A loop without end: {string.Join(", ", Called)}");
        return (TResult)await activities(name.Name, input);
    }

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken) => clock.PassToAsync(new DateTimeOffset(fireAt) + skew);

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override void SendEvent(string instanceId, string eventName, object payload) => throw new NotSupportedException();

    public override void SetCustomStatus(object? customStatus) => throw new NotSupportedException();

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null) =>
        throw new NotSupportedException();

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) => throw new NotSupportedException();

    public override Guid NewGuid() => throw new NotSupportedException();
}
