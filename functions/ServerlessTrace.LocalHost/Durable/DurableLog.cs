namespace ServerlessTrace.LocalHost.Durable;

/// <summary>What the engine has to say.</summary>
internal static partial class DurableLog
{
    [LoggerMessage(1, LogLevel.Warning, "Instance {InstanceId} was taken over by another host; what this one had not committed is dropped.")]
    public static partial void LostInstance(this ILogger logger, string instanceId);

    [LoggerMessage(2, LogLevel.Error, "Instance {InstanceId} left memory after an error; it is taken up again when its lease ends.")]
    public static partial void WorkerFailed(this ILogger logger, Exception exception, string instanceId);

    [LoggerMessage(3, LogLevel.Error, "Orchestration {Name} ({InstanceId}) failed: {Reason}")]
    public static partial void OrchestrationFailed(this ILogger logger, string name, string instanceId, string? reason);

    [LoggerMessage(4, LogLevel.Warning, "Instance {InstanceId} had no living owner and is taken up again.")]
    public static partial void Recovered(this ILogger logger, string instanceId);

    [LoggerMessage(5, LogLevel.Warning, "The orchestrations' queue or table could not be read; trying again.")]
    public static partial void StorageFailed(this ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Debug, "Event {EventName} for instance {InstanceId} is dropped: there is no such running instance.")]
    public static partial void EventDropped(this ILogger logger, string? eventName, string instanceId);
}
