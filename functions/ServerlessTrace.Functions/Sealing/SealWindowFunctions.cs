using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Functions.Alerting.TraceRules;
using ServerlessTrace.Functions.Forwarding;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Sealing;

/// <summary>The orchestration that seals what arrived in one window, and its activities.</summary>
public sealed class SealWindowFunctions(ChunkStore chunks, ShardSealer sealer, TraceAlerts alerts, ForwardStarter forwarding)
{
    /// <summary>The orchestrator's name. Its version goes up whenever its steps change, so that running instances end as they began.</summary>
    public const string OrchestratorName = "SealWindow_v1";

    private const string FindOpenShardsName = "FindOpenShards_v1";
    private const string SealShardName = "SealShard_v1";

    private static readonly TaskOptions Retries = new(new TaskRetryOptions(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromSeconds(30))));

    /// <summary>
    /// Waits for the window's end, seals every shard with open chunks, then waits until the traces left open turn quiet, and
    /// seals those. Traces that got newer parts are a later window's. Payloads are numbers, never spans.
    /// </summary>
    [Function(OrchestratorName)]
    public static async Task SealWindowAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        SealWindow window = context.GetInput<SealWindow>() ?? throw new InvalidOperationException("A window's orchestration needs its window as input.");
        DateTime end = DateTimeOffset.FromUnixTimeMilliseconds(window.EndUnixMs).UtcDateTime;
        if (context.CurrentUtcDateTime < end)
        {
            await context.CreateTimer(end, CancellationToken.None);
        }

        int[] shards = await context.CallActivityAsync<int[]>(FindOpenShardsName, window, Retries);
        while (shards.Length > 0)
        {
            SealResult[] results = await Task.WhenAll(shards.Select(shard =>
                context.CallActivityAsync<SealResult>(SealShardName, new SealShard(shard, window.EndUnixMs), Retries)));
            shards = [.. shards.Where((_, i) => results[i].Open > 0)];
            if (shards.Length > 0)
            {
                long due = results.Max(result => result.DueUnixMs);
                await context.CreateTimer(DateTimeOffset.FromUnixTimeMilliseconds(due).UtcDateTime, CancellationToken.None);
            }
        }
    }

    /// <summary>The numbers of shards with open chunks.</summary>
    [Function(FindOpenShardsName)]
    public async Task<int[]> FindOpenShardsAsync([ActivityTrigger] SealWindow window, CancellationToken cancellationToken)
    {
        ServiceTelemetry.Forget(Activity.Current);
        IReadOnlyList<OpenShard> open = await chunks.ReadOpenShardsAsync(cancellationToken).ConfigureAwait(false);
        return [.. open.Select(shard => shard.Shard.Number)];
    }

    /// <summary>Seals what can be sealed of a shard.</summary>
    [Function(SealShardName)]
    public async Task<SealResult> SealShardAsync(
        [ActivityTrigger] SealShard input, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        using Activity? span = ServiceTelemetry.StartSeal(input.Shard);
        DateTimeOffset before = DateTimeOffset.FromUnixTimeMilliseconds(input.BeforeUnixMs);
        SealResult result = await sealer.SealAsync(new Shard(input.Shard), before, alerts.Watcher(durable), cancellationToken).ConfigureAwait(false);
        ServiceTelemetry.Looked(span, result);
        if (result.Sealed + result.Resealed > 0)
        {
            await forwarding.SealedAsync(durable, cancellationToken).ConfigureAwait(false);
        }

        return result;
    }
}
