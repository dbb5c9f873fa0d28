using ServerlessTrace.Storage.Erasure;

namespace ServerlessTrace.Storage.Retention;

/// <summary>Deletes old records of erasures, and forgets which traces must not come back because of them.</summary>
public sealed class ExpiredErasures(ErasureStore store, ErasedTraces erased, RetentionOptions options) : IRetentionStep
{
    /// <inheritdoc/>
    public string Name => "erasures";

    /// <inheritdoc/>
    public async Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken)
    {
        DateTimeOffset before = now - options.Erasures;
        await erased.DeleteBeforeAsync(before, cancellationToken).ConfigureAwait(false);
        int deleted = await store.DeleteBeforeAsync(before, cancellationToken).ConfigureAwait(false);
        return deleted > 0 ? new RetentionBatch(deleted, "more") : RetentionBatch.Done();
    }
}
