using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ServerlessTrace.Storage.Retention;

/// <summary>Deletes blobs of a container that were last changed too long ago.</summary>
internal static class ExpiredBlobs
{
    private const int BlobsPerBatch = 1_000;
    private const int InFlight = 16;

    /// <summary>Looks at one page of the container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="before">Blobs that were last changed before this are deleted.</param>
    /// <param name="from">The page; null for the first.</param>
    /// <param name="deleted">Called for each blob before it is deleted.</param>
    /// <param name="cancellationToken">Cancels between blobs.</param>
    public static async Task<RetentionBatch> DeleteAsync(
        BlobContainerClient container, DateTimeOffset before, string? from, Func<string, Task>? deleted, CancellationToken cancellationToken)
    {
        await foreach (Page<BlobItem> page in container.GetBlobsAsync(cancellationToken: cancellationToken).AsPages(from, BlobsPerBatch).ConfigureAwait(false))
        {
            List<BlobItem> expired = [.. page.Values.Where(blob => blob.Properties.LastModified < before)];
            await Parallel.ForEachAsync(
                expired,
                new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellationToken },
                async (blob, token) =>
                {
                    await (deleted?.Invoke(blob.Name) ?? Task.CompletedTask).ConfigureAwait(false);

                    // Unless it was written to since it was listed.
                    var unchanged = new BlobRequestConditions { IfMatch = blob.Properties.ETag };
                    try
                    {
                        await container.DeleteBlobIfExistsAsync(blob.Name, conditions: unchanged, cancellationToken: token).ConfigureAwait(false);
                    }
                    catch (RequestFailedException exception) when (exception.Status == 412)
                    {
                        // It is not old any more.
                    }
                }).ConfigureAwait(false);
            return new RetentionBatch(expired.Count, string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken);
        }

        return RetentionBatch.Done();
    }
}
