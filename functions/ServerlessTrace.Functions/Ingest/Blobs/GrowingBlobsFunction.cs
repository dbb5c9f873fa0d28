using Azure;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Hosting;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Progress;

namespace ServerlessTrace.Functions.Ingest.Blobs;

/// <summary>
/// Looks after blobs that are read in parts: appends, of which no trigger says anything; incomplete records that have waited long
/// enough; parts whose invocation died.
/// </summary>
public sealed partial class GrowingBlobsFunction(
    BlobProgressStore store, BlobParts parts, BlobsToRead queue, StorageClients storage, IngestOptions options, TimeProvider clock, ILogger<GrowingBlobsFunction> log)
{
    private const int InFlight = 16;
    private const int PatientAttempts = 3;
    private const int LongestPauseAttempts = 9;

    /// <summary>Every 10 s locally, every minute on Azure: one query, and one request for each blob that was appended to lately.</summary>
    [Function("SweepGrowingBlobs")]
    public async Task SweepAsync([TimerTrigger($"%{TimerSchedules.GrowingBlobs}%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        List<BlobProgress> active = await store.ReadActiveAsync(cancellationToken).ConfigureAwait(false);
        if (active.Count == 0 || await queue.IsLongAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        await Parallel.ForEachAsync(
            active,
            new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellationToken },
            async (progress, token) => await LookAtOneAsync(progress, token).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task LookAtOneAsync(BlobProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            await LookAtAsync(progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RequestFailedException or AggregateException)
        {
            // The others are looked at all the same, and this one again in 10 s.
            LogNotLookedAt(exception, progress.Name);
        }
    }

    private async Task LookAtAsync(BlobProgress progress, CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        if (progress.Claim is { } claim)
        {
            if (claim.Until + PauseAfter(claim.Attempts) <= now)
            {
                await queue.SendAsync(progress.Name, cancellationToken).ConfigureAwait(false);
            }

            return;
        }

        OpenedBlob? blob = await OpenedBlob.LookAtAsync(storage.SpanLogs.GetBlobClient(progress.Name), cancellationToken).ConfigureAwait(false);
        if (blob is null)
        {
            await store.ForgetAsync(progress.Name, cancellationToken).ConfigureAwait(false);
        }
        else if (blob.Version != progress.Version || blob.Length < progress.ReadTo || parts.IsDue(progress, blob.Length, blob.ModifiedAt, now))
        {
            await queue.SendAsync(progress.Name, cancellationToken).ConfigureAwait(false);
        }
        else if (progress.IsRefused || now - blob.ModifiedAt >= options.AppendActivePeriod)
        {
            await store.SettleAsync(progress with { Length = blob.Length, ModifiedAt = blob.ModifiedAt }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A part that fails again and again is tried ever less often, after an hour at the latest.</summary>
    private static TimeSpan PauseAfter(int attempts) =>
        attempts <= PatientAttempts ? TimeSpan.Zero : TimeSpan.FromSeconds(7 << Math.Min(attempts, LongestPauseAttempts));

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Blob} could not be looked at")]
    private partial void LogNotLookedAt(Exception exception, string blob);
}
