namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>How a host takes part in a hub on one table.</summary>
internal sealed record TableOrchestrationOptions
{
    /// <summary>Activities that run at once on this host.</summary>
    public int MaxConcurrentActivities { get; init; } = 10 * Environment.ProcessorCount;

    /// <summary>Instances in this host's memory. What is started beyond it waits in the table for any host.</summary>
    public int MaxConcurrentOrchestrations { get; init; } = 100;

    /// <summary>How long a host counts as alive after a sign of life, unless its process is known to be gone.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The pause between two queries of the table while no other host is alive.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The pause between two queries of the table while another host is alive: the delay of messages between hosts.</summary>
    public TimeSpan SharedPollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>An instance that waits longer than this for a timer, or for an event, leaves memory.</summary>
    public TimeSpan ParkThreshold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a result that led to nothing may wait to be written with others. A crash meanwhile costs a repeated activity.</summary>
    public TimeSpan ResultCommitDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>For tests: orchestrators are replayed from their stored histories for every piece of work.</summary>
    public bool ReplayAlways { get; init; }
}
