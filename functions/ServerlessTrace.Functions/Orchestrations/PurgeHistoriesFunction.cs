using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace ServerlessTrace.Functions.Orchestrations;

/// <summary>Deletes the histories of orchestrations that have completed. Those of failed and terminated ones expire with retention.</summary>
public sealed class PurgeHistoriesFunction(TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    /// <summary>Every minute: deletes the histories of orchestrations that completed 5 min ago or earlier.</summary>
    [Function("PurgeHistories")]
    public async Task PurgeAsync(
        [TimerTrigger("30 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(durable);
        await durable.PurgeAllInstancesAsync(
            new PurgeInstancesFilter(null, clock.GetUtcNow() - Kept, [OrchestrationRuntimeStatus.Completed]), cancellationToken).ConfigureAwait(false);
    }
}
