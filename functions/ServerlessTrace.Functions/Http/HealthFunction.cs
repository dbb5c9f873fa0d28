using Azure;
using Azure.Storage.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Http;

/// <summary>Whether the service works, for probes and people. Needs no key and names nothing.</summary>
public sealed partial class HealthFunction(
    ChunkStore chunks,
    StorageClients storage,
    HealthCheckService checks,
    SealOptions options,
    TimeProvider clock,
    ILogger<HealthFunction> log)
{
    /// <summary>200 while storage answers and the host takes spans in, 503 otherwise.</summary>
    [Function("Health")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/health")] HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<OpenShard> open = await chunks.ReadOpenShardsAsync(cancellationToken).ConfigureAwait(false);
            double? oldest = open.Count == 0 ? null : Math.Round((clock.GetUtcNow() - open.Min(shard => shard.OldestWrittenAt)).TotalSeconds, 1);
            int queued = await CountAsync(StorageNames.SpanLogs, cancellationToken).ConfigureAwait(false)
                + await CountAsync(StorageNames.Posted, cancellationToken).ConfigureAwait(false);
            int poison = 0;
            foreach (string queue in StorageNames.PoisonQueues)
            {
                poison += await CountAsync(queue, cancellationToken).ConfigureAwait(false);
            }

            bool stuck = oldest > (options.MaximumAge + TimeSpan.FromMinutes(1)).TotalSeconds;
            HealthReport host = await checks.CheckHealthAsync(cancellationToken).ConfigureAwait(false);
            bool isUnhealthy = host.Status == HealthStatus.Unhealthy;
            string[] problems = [.. host.Entries.Values.Where(entry => entry.Status != HealthStatus.Healthy).Select(entry => entry.Description ?? "unknown")];
            string status = isUnhealthy ? "unhealthy" : stuck || poison > 0 ? "degraded" : "healthy";
            var health = new HealthResponse(status, open.Sum(shard => shard.Chunks), oldest, queued, poison, problems);
            return Results.Json(
                health,
                HttpJson.Default.HealthResponse,
                statusCode: isUnhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
        }
        catch (Exception exception) when (exception is RequestFailedException or AggregateException or HttpRequestException)
        {
            LogUnreachable(exception);
            return Results.Json(
                new HealthResponse("unhealthy", 0, null, 0, 0, ["Storage cannot be reached."]), HttpJson.Default.HealthResponse, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
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
