using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Alerting.TraceRules;
using ServerlessTrace.Functions.Hosting;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Sealing;

/// <summary>Seals what no window did, because its start was lost or its orchestration failed.</summary>
public sealed partial class SealSweepFunction(
    ChunkStore chunks, ShardSealer sealer, TraceAlerts alerts, SealOptions options, TimeProvider clock, ILogger<SealSweepFunction> log)
{
    /// <summary>How much longer than windows need a chunk may lie before it is taken for forgotten.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Every 15 s locally, every minute on Azure: one small query where nothing is forgotten.</summary>
    [Function("SealSweep")]
    public async Task SweepAsync(
        [TimerTrigger($"%{TimerSchedules.SealSweep}%")] TimerInfo timer, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        DateTimeOffset forgotten = now - options.Window - options.Window - options.QuietPeriod - Grace;
        IReadOnlyList<OpenShard> open = await chunks.ReadOpenShardsAsync(cancellationToken).ConfigureAwait(false);
        ServiceTelemetry.Waiting(open.Sum(shard => shard.Chunks), open.Count == 0 ? TimeSpan.Zero : now - open.Min(shard => shard.OldestWrittenAt));
        foreach (OpenShard shard in open)
        {
            if (shard.OldestWrittenAt < forgotten)
            {
                await SweepAsync(shard, now, durable, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task SweepAsync(OpenShard shard, DateTimeOffset now, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        try
        {
            using Activity? span = ServiceTelemetry.StartSeal(shard.Shard.Number);
            SealResult result = await sealer.SealAsync(shard.Shard, now, alerts.Watcher(durable), cancellationToken).ConfigureAwait(false);
            ServiceTelemetry.Sealed(span, result);
            if (ServiceTelemetry.IsOwn(result))
            {
                ServiceTelemetry.Forget(span);
            }

            if (result.Sealed + result.Resealed > 0)
            {
                LogSwept(shard.Shard.Number, result.Sealed, result.Resealed);
            }

            if (result.Unreadable > 0)
            {
                LogUnreadable(shard.Shard.Number, result.Unreadable);
            }
        }
#pragma warning disable CA1031 // Whatever is wrong with one shard: the others are swept all the same, and this one again in 15 s.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogNotSwept(exception, shard.Shard.Number);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard} could not be swept")]
    private partial void LogNotSwept(Exception exception, int shard);

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard}: {Chunks} chunks cannot be read: damaged, or written by a later version. They stay as they are")]
    private partial void LogUnreadable(int shard, int chunks);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard}: the sweep sealed {Sealed} and resealed {Resealed} traces that no window had")]
    private partial void LogSwept(int shard, int @sealed, int resealed);
}
