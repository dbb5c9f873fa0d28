using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Storage.Retention;

/// <summary>Sums up the usage of hours that have ended, and deletes what is too old of it.</summary>
public sealed class UsageRetention(UsageStore usage, RetentionOptions options) : IRetentionStep
{
    /// <inheritdoc/>
    public string Name => "usage";

    /// <inheritdoc/>
    public async Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken)
    {
        await usage.SumUpAsync(now, cancellationToken).ConfigureAwait(false);
        int deleted = await usage.DeleteBeforeAsync(UsageStore.HourOf(now - options.Usage), cancellationToken).ConfigureAwait(false);
        return deleted > 0 ? new RetentionBatch(deleted, "more") : RetentionBatch.Done();
    }
}
