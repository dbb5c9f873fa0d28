using Azure.Storage.Queues;

namespace ServerlessTrace.LocalHost.Configuration;

/// <summary><c>extensions.queues</c>.</summary>
public sealed record QueueSettings
{
    /// <summary>Messages received at once, 1 to 32.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>A new batch is received when no more than this many messages of a queue are being worked on.</summary>
    public int NewBatchThreshold { get; init; } = 8;

    /// <summary>Attempts before a message goes to the poison queue.</summary>
    public int MaxDequeueCount { get; init; } = 5;

    /// <summary>How long a message rests after a failed attempt.</summary>
    public TimeSpan VisibilityTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>The longest pause between looks at an empty queue.</summary>
    public TimeSpan MaxPollingInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether message texts are base64.</summary>
    public QueueMessageEncoding MessageEncoding { get; init; } = QueueMessageEncoding.Base64;

    internal static QueueSettings Read(HostJsonSection section)
    {
        var defaults = new QueueSettings();
        int batchSize = section.Number("batchSize", 1, 32) ?? defaults.BatchSize;
        return new QueueSettings
        {
            BatchSize = batchSize,
            NewBatchThreshold = section.Number("newBatchThreshold", 0, 1000) ?? batchSize / 2,
            MaxDequeueCount = section.Number("maxDequeueCount", 1, 1000) ?? defaults.MaxDequeueCount,
            VisibilityTimeout = section.Duration("visibilityTimeout", TimeSpan.Zero, TimeSpan.FromDays(7)) ?? defaults.VisibilityTimeout,
            MaxPollingInterval = section.Duration("maxPollingInterval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)) ?? defaults.MaxPollingInterval,
            MessageEncoding = section.Text("messageEncoding")?.ToUpperInvariant() switch
            {
                null or "BASE64" => QueueMessageEncoding.Base64,
                "NONE" => QueueMessageEncoding.None,
                _ => throw section.Wrong("messageEncoding", "\"none\" or \"base64\""),
            },
        };
    }
}
