using ServerlessTrace.Storage.Progress;

namespace ServerlessTrace.Storage.Retention;

/// <summary>Deletes the blobs that users sent, if they are to be deleted at all, and how far they were read.</summary>
public sealed class ExpiredRawLogs(StorageClients clients, BlobProgressStore progress, RetentionOptions options) : IRetentionStep
{
    /// <inheritdoc/>
    public string Name => "raw-logs";

    /// <inheritdoc/>
    public Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken) => options.RawLogs == TimeSpan.Zero
        ? Task.FromResult(RetentionBatch.Done())
        : ExpiredBlobs.DeleteAsync(clients.SpanLogs, now - options.RawLogs, from, name => progress.ForgetAsync(name, cancellationToken), cancellationToken);
}
