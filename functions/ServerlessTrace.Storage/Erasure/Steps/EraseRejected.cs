using Azure;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.Core.Privacy;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>Deletes copies of unreadable sources that tell of what is erased. Of compressed and binary ones nobody can say that: the record counts them.</summary>
internal sealed class EraseRejected(StorageClients clients) : IErasureStep
{
    private const int CopiesPerBatch = 200;
    private const string Redacted = "redacted";

    public string Name => "rejected";

    public async Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken)
    {
        ErasureText text = await scope.TextAsync(cancellationToken).ConfigureAwait(false);
        await foreach (Page<BlobItem> page in clients.Rejected.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, null, cancellationToken).AsPages(from, CopiesPerBatch).ConfigureAwait(false))
        {
            int deleted = 0;
            int unsearched = 0;
            foreach (BlobItem copy in page.Values)
            {
                if (await HasAsync(copy.Name, text, cancellationToken).ConfigureAwait(false))
                {
                    await clients.Rejected.DeleteBlobIfExistsAsync(copy.Name, cancellationToken: cancellationToken).ConfigureAwait(false);
                    deleted++;
                }
                else if (copy.Metadata is { } metadata && metadata.TryGetValue(Redacted, out string? isRedacted) && isRedacted == "no")
                {
                    unsearched++;
                }
            }

            return new ErasureProgress(deleted, string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken, unsearched);
        }

        return new ErasureProgress(0, null);
    }

    private async Task<bool> HasAsync(string copy, ErasureText text, CancellationToken cancellationToken)
    {
        try
        {
            Stream content = await clients.Rejected.GetBlobClient(copy).OpenReadAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                return await text.IsInAsync(content, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return false;
        }
    }
}
