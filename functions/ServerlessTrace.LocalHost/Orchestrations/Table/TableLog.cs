namespace ServerlessTrace.LocalHost.Orchestrations.Table;

internal static partial class TableLog
{
    [LoggerMessage(1, LogLevel.Warning, "Instance {InstanceId} was taken over by another host; what this one had not written is dropped.")]
    public static partial void LostInstance(this ILogger logger, string instanceId);

    [LoggerMessage(2, LogLevel.Error, "Work on instance {InstanceId} failed; the instance is read again.")]
    public static partial void WorkFailed(this ILogger logger, Exception? exception, string instanceId);

    [LoggerMessage(3, LogLevel.Warning, "Host {Host} is gone; its {Count} orchestration instances are taken over.")]
    public static partial void TookOver(this ILogger logger, string host, int count);

    [LoggerMessage(4, LogLevel.Warning, "The orchestrations' table does not answer; trying again.")]
    public static partial void StorageFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Error, "The history of instance {InstanceId} is damaged; the instance fails.")]
    public static partial void Damaged(this ILogger logger, Exception exception, string instanceId);

    [LoggerMessage(6, LogLevel.Debug, "A message ({Kind}) for instance {InstanceId} is dropped: there is no such running instance.")]
    public static partial void MessageDropped(this ILogger logger, DurableTask.Core.History.EventType kind, string instanceId);
}
