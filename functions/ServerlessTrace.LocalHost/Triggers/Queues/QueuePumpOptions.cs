using Azure.Storage.Queues;

namespace ServerlessTrace.LocalHost.Triggers.Queues;

/// <summary>How a queue is pumped.</summary>
internal sealed record QueuePumpOptions
{
    /// <summary>What is run for a message, for logs.</summary>
    public required string Name { get; init; }

    public required QueueClient Queue { get; init; }

    public required QueueClient Poison { get; init; }

    public required int BatchSize { get; init; }

    public required int NewBatchThreshold { get; init; }

    public required int MaxDequeueCount { get; init; }

    public required TimeSpan VisibilityTimeout { get; init; }

    public required TimeSpan MaxPollingInterval { get; init; }

    /// <summary>
    /// How long a message is hidden from others without a renewal. Known deviation from the platform (about 10 min): what a killed host
    /// held is to come back within 5 s, and the next look at the queue comes up to a second after that.
    /// </summary>
    public TimeSpan Lock { get; init; } = TimeSpan.FromSeconds(4);

    public TimeSpan? FunctionTimeout { get; init; }

    /// <summary>Whether messages may be taken now.</summary>
    public Func<bool> MayTake { get; init; } = static () => true;
}
