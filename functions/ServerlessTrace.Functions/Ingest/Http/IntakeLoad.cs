using Azure;
using Azure.Storage.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>How much is under way, so that requests are asked to come again before memory or the backlog grows without bound.</summary>
public sealed partial class IntakeLoad(StorageClients storage, HttpIntakeOptions options, TimeProvider clock, ILogger<IntakeLoad> log)
{
    private const int ShortestPause = 1;
    private const int LongestPause = 30;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private long _buffered;
    private long _lookedAt = long.MinValue;
    private int _looking;
    private int _backlog;

    /// <summary>Bytes of bodies held now.</summary>
    public long Buffered => Interlocked.Read(ref _buffered);

    /// <summary>Takes room for bytes of a body.</summary>
    internal void Reserve(long bytes)
    {
        if (Interlocked.Add(ref _buffered, bytes) > options.BufferedBytes)
        {
            Release(bytes);
            throw Overloaded(ShortestPause);
        }
    }

    /// <summary>Gives room back.</summary>
    internal void Release(long bytes) => Interlocked.Add(ref _buffered, -bytes);

    /// <summary>Refuses a request while too many groups wait to be taken in, as of about a second ago.</summary>
    internal void CheckBacklog()
    {
        LookNowAndThen();
        int backlog = Volatile.Read(ref _backlog);
        if (backlog > options.Backlog)
        {
            // The further behind, the longer the pause.
            throw Overloaded((int)Math.Clamp(5L * backlog / options.Backlog, ShortestPause, LongestPause));
        }
    }

    private static RefusedPostException Overloaded(int seconds) => new(
        StatusCodes.Status429TooManyRequests, "More comes in than can be taken in at the moment: send this again later.", seconds);

    private void LookNowAndThen()
    {
        long last = Volatile.Read(ref _lookedAt);
        if ((last == long.MinValue || clock.GetElapsedTime(last) >= LookInterval) && Interlocked.Exchange(ref _looking, 1) == 0)
        {
            _ = LookAsync();
        }
    }

    private async Task LookAsync()
    {
        try
        {
            QueueClient queue = storage.PostedPointers;
            using var limit = new CancellationTokenSource(options.StoreTimeout, clock);
            int backlog = (await queue.GetPropertiesAsync(limit.Token).ConfigureAwait(false)).Value.ApproximateMessagesCount;
            Volatile.Write(ref _backlog, backlog);
            ServiceTelemetry.WaitingPosted(backlog);
        }
        catch (Exception exception) when (exception is RequestFailedException or AggregateException or HttpRequestException or OperationCanceledException)
        {
            // Storing the group will say the same, to its senders.
            LogNotSeen(exception);
        }
        finally
        {
            Volatile.Write(ref _lookedAt, clock.GetTimestamp());
            Volatile.Write(ref _looking, 0);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The backlog of posted bodies cannot be seen")]
    private partial void LogNotSeen(Exception exception);
}
