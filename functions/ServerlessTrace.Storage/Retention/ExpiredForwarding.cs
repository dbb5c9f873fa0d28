using Azure;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.Storage.Forwarding;

namespace ServerlessTrace.Storage.Retention;

/// <summary>
/// Deletes what has waited to be forwarded for longer than traces are kept, or tried, if that is longer: forwarding gives up by itself, but not when it is turned off. Once a day: it looks at every row.
/// </summary>
public sealed class ExpiredForwarding(StorageClients clients, ForwardOutbox outbox, ForwardOptions forward, RetentionOptions options) : IRetentionStep
{
    private const int RowsPerBatch = 5_000;
    private const int HourOfDay = 4;
    private const string More = "more";

    /// <inheritdoc/>
    public string Name => "forwarding";

    /// <inheritdoc/>
    public async Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken)
    {
        if (from is null && now.UtcDateTime.Hour != HourOfDay)
        {
            return RetentionBatch.Done();
        }

        DateTimeOffset before = now - (options.Traces > forward.GiveUpAfter ? options.Traces : forward.GiveUpAfter);
        int deleted = await outbox.DeleteOlderAsync(before, RowsPerBatch, cancellationToken).ConfigureAwait(false);
        return deleted == RowsPerBatch
            ? new RetentionBatch(deleted, More)
            : RetentionBatch.Done(deleted + await DeleteBlobsAsync(before, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Deletes blobs whose row was never written, or is gone: they are few.</summary>
    private async Task<int> DeleteBlobsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int deleted = 0;
        AsyncPageable<BlobItem> blobs = clients.Spilled.GetBlobsAsync(BlobTraits.None, BlobStates.None, ForwardOutbox.Folder, cancellationToken);
        await foreach (BlobItem blob in blobs.ConfigureAwait(false))
        {
            if (blob.Properties.LastModified < before)
            {
                await clients.Spilled.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellationToken).ConfigureAwait(false);
                deleted++;
            }
        }

        return deleted;
    }
}
