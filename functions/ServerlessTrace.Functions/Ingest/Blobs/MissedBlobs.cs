using Azure;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Progress;
using ServerlessTrace.Storage.Receipts;

namespace ServerlessTrace.Functions.Ingest.Blobs;

/// <summary>
/// Compares the container with receipts and progress, and has read what is in neither. A run lists a bounded number of pages and
/// the next run goes on from there; blobs that a whole pass found to be taken in are not asked about again.
/// </summary>
public sealed class MissedBlobs(
    ContainerPassStore passes, ReceiptStore receipts, BlobProgressStore progress, BlobParts parts, BlobsToRead queue, StorageClients storage, IngestOptions options, TimeProvider clock)
{
    private const int InFlight = 16;

    /// <summary>Blobs that one run asks about, or has read, at most; the page on which it reaches them is finished.</summary>
    private const int ChecksPerRun = 5_000;

    /// <summary>Storage's clock, which dates blobs, may differ from this one.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(10);

    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private DateTimeOffset _nothingBefore;

    /// <summary>Goes on with a pass, or begins one if it is time.</summary>
    /// <returns>How many blobs were missed.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        if (now < _nothingBefore || now < _startedAt + options.SweepGrace)
        {
            return 0;
        }

        ContainerPass pass = await passes.ReadAsync(cancellationToken).ConfigureAwait(false) ?? new ContainerPass(default, null, null, default);
        if (pass.StartedAt is null && now < pass.NextPassAt)
        {
            _nothingBefore = pass.NextPassAt;
            return 0;
        }

        if (await queue.IsLongAsync(cancellationToken).ConfigureAwait(false))
        {
            return 0;
        }

        DateTimeOffset startedAt = pass.StartedAt ?? now;
        (string? continuation, int missed) = await GoOnAsync(pass, startedAt - options.SweepGrace, cancellationToken).ConfigureAwait(false);
        pass = continuation is null
            ? new ContainerPass(startedAt - options.SweepGrace - Overlap, null, null, startedAt + options.SweepPeriod)
            : pass with { StartedAt = startedAt, Continuation = continuation };
        await passes.WriteAsync(pass, cancellationToken).ConfigureAwait(false);
        return missed;
    }

    private async Task<(string? Continuation, int Missed)> GoOnAsync(ContainerPass pass, DateTimeOffset until, CancellationToken cancellationToken)
    {
        int pages = 0;
        int checks = 0;
        int missed = 0;
        string? continuation = null;
        IAsyncEnumerable<Page<BlobItem>> listing = storage.SpanLogs.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, cancellationToken)
            .AsPages(pass.Continuation, options.SweepPageBlobs);
        await foreach (Page<BlobItem> page in listing.ConfigureAwait(false))
        {
            BlobItem[] recent = [.. page.Values.Where(blob => blob.Properties.LastModified is not { } modified || (modified >= pass.CheckedUntil && modified < until))];
            missed += await CheckAsync(recent, cancellationToken).ConfigureAwait(false);
            checks += recent.Length;
            continuation = string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken;
            if (++pages >= options.SweepPages || checks >= ChecksPerRun)
            {
                break;
            }
        }

        return (continuation, missed);
    }

    private async Task<int> CheckAsync(BlobItem[] blobs, CancellationToken cancellationToken)
    {
        int missed = 0;
        await Parallel.ForEachAsync(
            blobs,
            new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellationToken },
            async (blob, token) =>
            {
                if (!await IsTakenInAsync(blob, token).ConfigureAwait(false))
                {
                    await queue.SendAsync(blob.Name, token).ConfigureAwait(false);
                    Interlocked.Increment(ref missed);
                }
            }).ConfigureAwait(false);
        return missed;
    }

    private async Task<bool> IsTakenInAsync(BlobItem blob, CancellationToken cancellationToken)
    {
        BlobItemProperties properties = blob.Properties;
        bool isAppended = properties.BlobType == BlobType.Append;
        string version = OpenedBlob.VersionOf(isAppended, properties.CreatedOn ?? default, properties.ETag ?? default);
        long length = properties.ContentLength ?? 0;
        DateTimeOffset modifiedAt = properties.LastModified ?? default;
        if (!isAppended && length <= options.RangeBytes)
        {
            return await receipts.ExistsAsync(
                BlobIngest.WholeOf(storage.SpanLogs.Name, blob.Name, modifiedAt, version), cancellationToken).ConfigureAwait(false);
        }

        // Whatever is among the active blobs is looked after by another sweep.
        return await progress.FindAsync(blob.Name, cancellationToken).ConfigureAwait(false) is { } known
            && known.Version == version
            && (known.RowVersion != default || !parts.IsDue(known, length, modifiedAt, clock.GetUtcNow()));
    }
}
