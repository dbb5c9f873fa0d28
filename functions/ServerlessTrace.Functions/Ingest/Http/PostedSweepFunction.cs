using Azure.Storage.Blobs.Models;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>
/// Points again to groups of posted bodies that lie there although their message should long have been taken: it was never
/// sent, because the process ended in between, or it failed too often. A group that is taken in twice is the same group.
/// </summary>
public sealed partial class PostedSweepFunction(StorageClients storage, TimeProvider clock, ILogger<PostedSweepFunction> log)
{
    private const int GroupsPerSweep = 500;
    private static readonly TimeSpan TakenBy = TimeSpan.FromHours(1);

    /// <summary>What failed this often is not tried for ever; it stays, to be looked at.</summary>
    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromHours(12);

    /// <summary>Every hour: one list request where nothing was forgotten.</summary>
    [Function("SweepPosted")]
    public async Task SweepAsync([TimerTrigger("0 20 * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        int found = 0;

        // Names begin with a time, so the oldest come first.
        await foreach (BlobItem blob in storage.Posted.GetBlobsAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (!PostedName.TryParse(blob.Name, out PostedName name) || now - name.BegunAt > GivenUpAfter)
            {
                continue;
            }

            if (now - name.BegunAt < TakenBy || found == GroupsPerSweep)
            {
                break;
            }

            await storage.PostedPointers.SendMessageAsync(blob.Name, cancellationToken).ConfigureAwait(false);
            found++;
        }

        if (found > 0)
        {
            LogFound(found);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} groups of posted bodies were not taken in within an hour; they are queued again")]
    private partial void LogFound(int count);
}
