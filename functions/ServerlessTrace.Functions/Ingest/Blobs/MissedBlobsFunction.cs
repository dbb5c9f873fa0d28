using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Hosting;

namespace ServerlessTrace.Functions.Ingest.Blobs;

/// <summary>Has blobs read that no trigger reported.</summary>
public sealed partial class MissedBlobsFunction(MissedBlobs missed, ILogger<MissedBlobsFunction> log)
{
    /// <summary>Every 10 s locally, every minute on Azure: nothing at all where no pass is due.</summary>
    [Function("SweepMissedBlobs")]
    public async Task SweepAsync([TimerTrigger($"%{TimerSchedules.MissedBlobs}%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        int found = await missed.SweepAsync(cancellationToken).ConfigureAwait(false);
        if (found > 0)
        {
            LogMissed(found);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Blobs} blobs that no trigger had reported are being read")]
    private partial void LogMissed(int blobs);
}
