namespace ServerlessTrace.Storage.Retention;

/// <summary>Deletes copies of sources that could not be read.</summary>
public sealed class ExpiredRejected(StorageClients clients, RetentionOptions options) : IRetentionStep
{
    /// <inheritdoc/>
    public string Name => "rejected";

    /// <inheritdoc/>
    public Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken) =>
        ExpiredBlobs.DeleteAsync(clients.Rejected, now - options.Rejected, from, null, cancellationToken);
}
