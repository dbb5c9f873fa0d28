using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ServerlessTrace.LocalHost.Storage;

namespace ServerlessTrace.LocalHost.Triggers.Blobs;

/// <summary>
/// Stands in for Event Grid: looks through the watched containers and puts a message on the internal queue for each blob that is new
/// or has changed. The message comes before the receipt, so that a crash in between repeats a report and never loses one.
/// </summary>
internal sealed class BlobLister(
    StorageAccount account, string hostId, IReadOnlyList<BlobSubscription> subscriptions, QueueClient queue, Func<bool> mayTake, ILogger logger)
{
    private const int ChunkSize = 100;
    private const int LongQueue = 500;
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(200);

    // Listing takes a tenth of the lister's time at most, however large the containers are.
    private const int PausePerListing = 9;

    public async Task RunAsync(CancellationToken whilePrimary)
    {
        Dictionary<string, BlobReceipts> receipts = [];
        while (!whilePrimary.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                foreach (IGrouping<string, BlobSubscription> watched in subscriptions.GroupBy(subscription => subscription.Pattern.Container))
                {
                    if (!receipts.TryGetValue(watched.Key, out BlobReceipts? known))
                    {
                        known = await BlobReceipts.LoadAsync(account.Tables, hostId, watched.Key, whilePrimary);
                        receipts.Add(watched.Key, known);
                    }

                    await LookThroughAsync(watched.Key, [.. watched], known, whilePrimary);
                }
            }
            catch (OperationCanceledException) when (whilePrimary.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is RequestFailedException or AggregateException)
            {
                Log.ListingFailed(logger, failure);
            }

            TimeSpan pause = Stopwatch.GetElapsedTime(start) * PausePerListing;
            await Task.Delay(pause > LeastPause ? pause : LeastPause, whilePrimary).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookThroughAsync(string container, BlobSubscription[] watching, BlobReceipts receipts, CancellationToken cancellationToken)
    {
        if (!mayTake())
        {
            return;
        }

        string prefix = watching.Select(subscription => subscription.Pattern.Prefix).Aggregate(CommonStart);
        BlobContainerClient client = account.Blobs.GetBlobContainerClient(container);
        List<(BlobItem Blob, string Tag)> fresh = [];
        int seen = 0;
        try
        {
            await foreach (BlobItem blob in client.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellationToken))
            {
                seen++;
                string tag = blob.Properties.ETag?.ToString() ?? string.Empty;
                if (!receipts.Has(blob.Name, tag))
                {
                    fresh.Add((blob, tag));
                }
            }
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            return;
        }

        // Oldest first: what was dropped first is worked on first.
        fresh.Sort(static (a, b) => Nullable.Compare(a.Blob.Properties.LastModified, b.Blob.Properties.LastModified));
        await ReportAsync(container, watching, fresh, receipts, cancellationToken);
        if (receipts.Count > (2 * seen) + 1000)
        {
            await ForgetDeletedAsync(client, prefix, receipts, cancellationToken);
        }
    }

    private async Task ReportAsync(
        string container, BlobSubscription[] watching, List<(BlobItem Blob, string Tag)> fresh, BlobReceipts receipts, CancellationToken cancellationToken)
    {
        int reported = 0;
        foreach ((BlobItem Blob, string Tag)[] chunk in fresh.Chunk(ChunkSize))
        {
            if (reported >= LongQueue && !await IsQueueShortAsync(cancellationToken))
            {
                // The emulator's queues slow down when long: what is left here is found again by the next listing.
                return;
            }

            BlobTriggerMessage[] messages =
            [
                .. from item in chunk
                   from subscription in watching
                   where subscription.Pattern.Match(item.Blob.Name) is not null
                   select new BlobTriggerMessage(
                       subscription.FunctionName, item.Blob.Properties.BlobType?.ToString() ?? "Block", container, item.Blob.Name, item.Tag),
            ];
            var sending = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(messages, sending, async (message, cancel) => await queue.SendMessageAsync(message.ToBinary(), cancellationToken: cancel));
            await receipts.AddAsync([.. chunk.Select(item => (item.Blob.Name, item.Tag))], cancellationToken);
            reported += chunk.Length;
        }
    }

    private async Task<bool> IsQueueShortAsync(CancellationToken cancellationToken)
    {
        QueueProperties properties = await queue.GetPropertiesAsync(cancellationToken);
        return properties.ApproximateMessagesCount < LongQueue;
    }

    private static async Task ForgetDeletedAsync(BlobContainerClient client, string prefix, BlobReceipts receipts, CancellationToken cancellationToken)
    {
        List<string> present = [];
        await foreach (BlobItem blob in client.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellationToken))
        {
            present.Add(blob.Name);
        }

        await receipts.KeepOnlyAsync(present, cancellationToken);
    }

    private static string CommonStart(string a, string b)
    {
        int length = a.AsSpan().CommonPrefixLength(b);
        return a[..length];
    }
}
