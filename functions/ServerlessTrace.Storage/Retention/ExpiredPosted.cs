namespace ServerlessTrace.Storage.Retention;

/// <summary>Deletes posted bodies that could never be taken in; those that were are gone already.</summary>
public sealed class ExpiredPosted(StorageClients clients, RetentionOptions options) : IRetentionStep
{
    /// <inheritdoc/>
    public string Name => "posted";

    /// <inheritdoc/>
    public Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken) =>
        ExpiredBlobs.DeleteAsync(clients.Posted, now - options.Rejected, from, null, cancellationToken);
}
