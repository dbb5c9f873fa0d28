namespace ServerlessTrace.LocalHost.Orchestrations;

/// <summary>How an <see cref="OrchestrationEngine"/> runs, on any backend.</summary>
internal sealed record OrchestrationEngineOptions
{
    /// <summary>The task hub.</summary>
    public required string HubName { get; init; }

    /// <summary>How long running activities may go on when the engine stops.</summary>
    public TimeSpan DrainGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For tests: durable timers fire this much late, or, where negative, early.</summary>
    public TimeSpan TimerSkew { get; init; }
}
