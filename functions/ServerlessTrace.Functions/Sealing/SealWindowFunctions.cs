using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Functions.Alerting.TraceRules;
using ServerlessTrace.Functions.Forwarding;
using ServerlessTrace.Functions.Orchestrations;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Sealing;

/// <summary>The orchestration that seals what arrived in one window, and its activities.</summary>
public sealed class SealWindowFunctions(ChunkStore chunks, ShardSealer sealer, TraceAlerts alerts, ForwardStarter forwarding, TimeProvider clock)
{
    /// <summary>Open chunks up to which one activity seals all shards: on Azure an activity more costs storage requests and a hop of up to a second.</summary>
    private const int ChunksOfOneActivity = 16;

    /// <summary>
    /// Waits for the window's end, seals every shard with open chunks, then waits until the traces left open turn quiet, and
    /// seals those. Traces that got newer parts are a later window's. Payloads are numbers, never spans.
    /// </summary>
    [Function(OrchestrationNames.SealWindow)]
    public static async Task SealWindowAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        SealWindow window = context.GetInput<SealWindow>() ?? throw new InvalidOperationException("A window's orchestration needs its window as input.");
        await context.WaitAboutAsync(window.EndUnixMs);
        OpenShards open = await context.CallActivityAsync<OpenShards>(OrchestrationNames.SealOpenShards, window, ActivityRetries.Short);
        while (open.Shards.Length > 0)
        {
            (int[] shards, long due) = open;
            await context.WaitAboutAsync(due);
            open = LeftOpen(shards, await Task.WhenAll(shards.Select(shard =>
                context.CallActivityAsync<SealResult>(OrchestrationNames.SealShard, new SealShard(shard, window.EndUnixMs, due), ActivityRetries.Short))));
        }
    }

    /// <summary>Waits out the rest until the window's end, and finds the shards with open chunks. If those are few, it seals them.</summary>
    [Function(OrchestrationNames.SealOpenShards)]
    public async Task<OpenShards> SealOpenShardsAsync(
        [ActivityTrigger] SealWindow window, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        await clock.WaitUntilAsync(window.EndUnixMs, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<OpenShard> open = await chunks.ReadOpenShardsAsync(cancellationToken).ConfigureAwait(false);
        int[] shards = [.. open.Select(shard => shard.Shard.Number)];
        if (open.Sum(shard => shard.Chunks) > ChunksOfOneActivity)
        {
            ServiceTelemetry.Forget(Activity.Current);
            return new OpenShards(shards, window.EndUnixMs);
        }

        return LeftOpen(shards, await SealAsync(shards, window.EndUnixMs, durable, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Waits out the rest until the shard's open traces are due, and seals what can be sealed.</summary>
    [Function(OrchestrationNames.SealShard)]
    public async Task<SealResult> SealShardAsync(
        [ActivityTrigger] SealShard input, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        await clock.WaitUntilAsync(input.DueUnixMs, cancellationToken).ConfigureAwait(false);
        return (await SealAsync([input.Shard], input.BeforeUnixMs, durable, cancellationToken).ConfigureAwait(false))[0];
    }

    private static OpenShards LeftOpen(int[] shards, SealResult[] results) =>
        new([.. shards.Where((_, i) => results[i].Open > 0)], results.Select(result => result.DueUnixMs).DefaultIfEmpty().Max());

    private async Task<SealResult[]> SealAsync(int[] shards, long beforeUnixMs, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        DateTimeOffset before = DateTimeOffset.FromUnixTimeMilliseconds(beforeUnixMs);
        Activity? activity = Activity.Current;
        SealResult[] results = await Task.WhenAll(shards.Select(async shard =>
        {
            using Activity? span = ServiceTelemetry.StartSeal(shard);
            SealResult result = await sealer.SealAsync(new Shard(shard), before, alerts.Watcher(durable), cancellationToken).ConfigureAwait(false);
            ServiceTelemetry.Sealed(span, result);
            return result;
        })).ConfigureAwait(false);
        if (Array.TrueForAll(results, ServiceTelemetry.IsOwn))
        {
            ServiceTelemetry.Forget(activity);
        }

        if (Array.Exists(results, result => result.Sealed + result.Resealed > 0))
        {
            await forwarding.SealedAsync(durable, cancellationToken).ConfigureAwait(false);
        }

        return results;
    }
}
