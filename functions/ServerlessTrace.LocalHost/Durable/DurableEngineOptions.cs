namespace ServerlessTrace.LocalHost.Durable;

/// <summary>How a <see cref="DurableEngine"/> runs; the first four come from <c>host.json</c>.</summary>
public sealed class DurableEngineOptions
{
    /// <summary>The task hub (<c>durableTask.hubName</c>): letters and digits; names its table and its queue.</summary>
    public string HubName { get; set; } = "ServerlessTrace";

    /// <summary>Activities that run at once (<c>durableTask.maxConcurrentActivityFunctions</c>).</summary>
    public int MaxConcurrentActivities { get; set; } = 10 * Environment.ProcessorCount;

    /// <summary>Instances held in memory at once (<c>durableTask.maxConcurrentOrchestratorFunctions</c>); what is started
    /// beyond it waits in the queue for any host.</summary>
    public int MaxConcurrentOrchestrations { get; set; } = 100;

    /// <summary>The longest pause between two looks at an idle queue (<c>durableTask.storageProvider.maxQueuePollingInterval</c>).</summary>
    public TimeSpan MaxQueuePollingInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a host owns an instance without a sign of life: the time another host needs to take over.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>An instance that waits for a timer this far away, or for an event alone, leaves memory.</summary>
    public TimeSpan EvictionThreshold { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a result that does not let its orchestrator go on may wait to be committed together with others:
    /// a crash meanwhile costs a repeated activity, nothing else.</summary>
    public TimeSpan ResultCommitDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a completion waits for its siblings before the orchestrator sees them together.</summary>
    public TimeSpan CoalescingWindow { get; set; } = TimeSpan.FromMilliseconds(3);

    /// <summary>How often one of the hosts looks for instances whose owner died or whose message got lost.</summary>
    public TimeSpan RecoveryInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long running activities may go on when the engine stops.</summary>
    public TimeSpan DrainGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Rebuilds every instance from storage after every commit, so that tests meet each replay a crash could cause.</summary>
    public bool ReplayAfterEveryCommit { get; set; }
}
