namespace ServerlessTrace.LocalHost.Configuration;

/// <summary><c>extensions.durableTask</c>.</summary>
public sealed record DurableTaskSettings
{
    /// <summary>The task hub: what the names of its tables and queues start with.</summary>
    public string HubName { get; init; } = "TestHubName";

    /// <summary>Activities that run at once on one host.</summary>
    public int MaxConcurrentActivities { get; init; } = 10 * Environment.ProcessorCount;

    /// <summary>Orchestrators that run at once on one host.</summary>
    public int MaxConcurrentOrchestrators { get; init; } = 10 * Environment.ProcessorCount;

    /// <summary>The longest pause between looks at an empty control or work-item queue.</summary>
    public TimeSpan MaxQueuePollingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Control queues of the hub, 1 to 16.</summary>
    public int PartitionCount { get; init; } = 4;

    /// <summary>How long a received message of an orchestration is invisible: what a crash costs.</summary>
    public TimeSpan ControlQueueVisibilityTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a received activity is invisible.</summary>
    public TimeSpan WorkItemQueueVisibilityTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether orchestrators stay in memory for a while.</summary>
    public bool ExtendedSessions { get; init; }

    /// <summary>How long an idle orchestrator stays in memory.</summary>
    public TimeSpan ExtendedSessionIdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    internal static DurableTaskSettings Read(HostJsonSection section)
    {
        var defaults = new DurableTaskSettings();
        HostJsonSection provider = section.Section("storageProvider");
        TimeSpan? Visibility(string name) => provider.Duration(name, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
        return new DurableTaskSettings
        {
            HubName = section.Text("hubName") ?? defaults.HubName,
            MaxConcurrentActivities = section.Number("maxConcurrentActivityFunctions", 1, 10_000) ?? defaults.MaxConcurrentActivities,
            MaxConcurrentOrchestrators = section.Number("maxConcurrentOrchestratorFunctions", 1, 10_000) ?? defaults.MaxConcurrentOrchestrators,
            MaxQueuePollingInterval =
                provider.Duration("maxQueuePollingInterval", TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1)) ?? defaults.MaxQueuePollingInterval,
            ControlQueueVisibilityTimeout = Visibility("controlQueueVisibilityTimeout") ?? defaults.ControlQueueVisibilityTimeout,
            WorkItemQueueVisibilityTimeout = Visibility("workItemQueueVisibilityTimeout") ?? defaults.WorkItemQueueVisibilityTimeout,
            ExtendedSessions = section.Flag("extendedSessionsEnabled") ?? defaults.ExtendedSessions,
            ExtendedSessionIdleTimeout = section.Number("extendedSessionIdleTimeoutInSeconds", 1, 3600) is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : defaults.ExtendedSessionIdleTimeout,
            PartitionCount = provider.Number("partitionCount", 1, 16) ?? defaults.PartitionCount,
        };
    }
}
