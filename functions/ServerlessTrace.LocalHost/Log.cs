namespace ServerlessTrace.LocalHost;

/// <summary>What the host logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The function {Function} failed (attempt {Attempt}).")]
    public static partial void FunctionFailed(ILogger logger, string function, long attempt, Exception failure);

    [LoggerMessage(2, LogLevel.Warning, "Message {MessageId} of queue {Queue} moved to {Poison}.")]
    public static partial void MovedToPoison(ILogger logger, string messageId, string queue, string poison);

    [LoggerMessage(3, LogLevel.Warning, "Queue {Queue} cannot be reached; trying again.")]
    public static partial void QueueUnreachable(ILogger logger, string queue, Exception failure);

    [LoggerMessage(4, LogLevel.Warning, "The lock on message {MessageId} of queue {Queue} was lost; it may run twice.")]
    public static partial void LockNotRenewed(ILogger logger, string messageId, string queue, Exception failure);

    [LoggerMessage(5, LogLevel.Warning, "Containers could not be listed; trying again.")]
    public static partial void ListingFailed(ILogger logger, Exception failure);

    [LoggerMessage(6, LogLevel.Information, "Blob {Container}/{Blob} is gone; {Function} does not run for it.")]
    public static partial void BlobGone(ILogger logger, string container, string blob, string function);

    [LoggerMessage(7, LogLevel.Warning, "The primary's lease cannot be reached; trying again.")]
    public static partial void PrimaryLeaseFailed(ILogger logger, Exception failure);

    [LoggerMessage(8, LogLevel.Warning, "This host is no longer the primary.")]
    public static partial void PrimaryLeaseLost(ILogger logger, Exception failure);

    [LoggerMessage(9, LogLevel.Error, "The primary's work failed; starting it anew.")]
    public static partial void PrimaryWorkFailed(ILogger logger, Exception failure);

    [LoggerMessage(10, LogLevel.Warning, "The status of timer {Function} could not be read or written.")]
    public static partial void TimerStatusFailed(ILogger logger, string function, Exception failure);

    [LoggerMessage(11, LogLevel.Error, "The function {Function} failed on {Method} {Path}.")]
    public static partial void HttpFunctionFailed(ILogger logger, string function, string method, string path, Exception failure);

    [LoggerMessage(12, LogLevel.Warning, "{Warning}")]
    public static partial void StorageNearlyFull(ILogger logger, string warning);

    [LoggerMessage(13, LogLevel.Warning, "Shutdown went on although some functions were still running.")]
    public static partial void DrainIncomplete(ILogger logger);

    [LoggerMessage(14, LogLevel.Warning, "{File} could not be uploaded; trying again.")]
    public static partial void DropFailed(ILogger logger, string file, Exception failure);
}
