using Azure;
using Azure.Storage.Queues;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Api;

/// <summary>
/// Looks how the service is. Anybody may ask, and each look costs several requests to storage: however many ask at once, one looks, and all get what
/// it finds.
/// </summary>
public sealed partial class ServiceHealth(
    ChunkStore chunks,
    StorageClients storage,
    HealthCheckService checks,
    SealOptions options,
    TimeProvider clock,
    ILogger<ServiceHealth> log)
{
    internal const string Unhealthy = "unhealthy";

    /// <summary>How long a look may take: nobody's request cancels it, since others wait for it, too.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PoisonFreshness = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private int _poison;
    private long _poisonCountedAt;
    private Task<HealthResponse>? _looking;

    /// <summary>How it is, by a look that was under way already, or begins now.</summary>
    internal Task<HealthResponse> LookAsync()
    {
        lock (_lock)
        {
            return _looking is { IsCompleted: false } ? _looking : _looking = LookNowAsync();
        }
    }

    private async Task<HealthResponse> LookNowAsync()
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        CancellationToken cancellationToken = limit.Token;
        try
        {
            IReadOnlyList<OpenShard> open = await chunks.ReadOpenShardsAsync(cancellationToken).ConfigureAwait(false);
            double? oldest = open.Count == 0 ? null : Math.Round((clock.GetUtcNow() - open.Min(shard => shard.OldestWrittenAt)).TotalSeconds, 1);
            int queued = await CountAsync(StorageNames.SpanLogs, cancellationToken).ConfigureAwait(false);
            int poison = await CountPoisonAsync(cancellationToken).ConfigureAwait(false);
            bool stuck = oldest > (options.MaximumAge + TimeSpan.FromMinutes(1)).TotalSeconds;
            HealthReport host = await checks.CheckHealthAsync(cancellationToken).ConfigureAwait(false);
            bool isUnhealthy = host.Status == HealthStatus.Unhealthy;
            string[] problems = [.. host.Entries.Values.Where(entry => entry.Status != HealthStatus.Healthy).Select(entry => entry.Description ?? "unknown")];
            string status = isUnhealthy ? Unhealthy : stuck || poison > 0 ? "degraded" : "healthy";
            return new HealthResponse(status, open.Sum(shard => shard.Chunks), oldest, queued, poison, problems);
        }
        catch (Exception exception) when (exception is RequestFailedException or AggregateException or HttpRequestException or OperationCanceledException)
        {
            LogUnreachable(exception);
            return new HealthResponse(Unhealthy, 0, null, 0, 0, ["Storage cannot be reached."]);
        }
    }

    /// <summary>Poison messages, as of some seconds ago: they are rare, stay for days, and whoever waits for something asks many times a second.</summary>
    private async Task<int> CountPoisonAsync(CancellationToken cancellationToken)
    {
        if (_poisonCountedAt == 0 || clock.GetElapsedTime(_poisonCountedAt) >= PoisonFreshness)
        {
            int[] counts = await Task.WhenAll(StorageNames.PoisonQueues.Select(queue => CountAsync(queue, cancellationToken))).ConfigureAwait(false);
            (_poison, _poisonCountedAt) = (counts.Sum(), clock.GetTimestamp());
        }

        return _poison;
    }

    private async Task<int> CountAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            QueueClient client = storage.Queues.GetQueueClient(queue);
            return (await client.GetPropertiesAsync(cancellationToken).ConfigureAwait(false)).Value.ApproximateMessagesCount;
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return 0;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Storage cannot be reached")]
    private partial void LogUnreachable(Exception exception);
}
