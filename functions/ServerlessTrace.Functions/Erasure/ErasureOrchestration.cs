using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using ServerlessTrace.Functions.Orchestrations;
using ServerlessTrace.Storage.Erasure;

namespace ServerlessTrace.Functions.Erasure;

/// <summary>The orchestration of one erasure, which goes on batch by batch, however long it takes. Its history never says what is erased.</summary>
public sealed class ErasureOrchestration(Eraser eraser, TimeProvider clock)
{
    /// <summary>Batches of one run of the orchestrator; then it starts anew, so that its history stays short.</summary>
    private const int BatchesPerRun = 50;

    /// <summary>Has one batch after another erased.</summary>
    [Function(OrchestrationNames.Erase)]
    public static async Task EraseAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ErasureRun run = context.GetInput<ErasureRun>() ?? throw new InvalidOperationException("An erasure's orchestration needs its id as input.");
        for (int batch = 0; batch < BatchesPerRun; batch++)
        {
            await context.WaitAboutAsync(run.DueUnixMs);
            ErasureRun? next = await context.CallActivityAsync<ErasureRun?>(OrchestrationNames.EraseBatch, run, ActivityRetries.Long);
            if (next is null)
            {
                return;
            }

            run = next;
        }

        context.ContinueAsNew(run);
    }

    /// <summary>Waits out the rest until it is due, erases one batch and says what comes next; null at the end.</summary>
    [Function(OrchestrationNames.EraseBatch)]
    public async Task<ErasureRun?> EraseBatchAsync([ActivityTrigger] ErasureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await clock.WaitUntilAsync(run.DueUnixMs, cancellationToken).ConfigureAwait(false);
        return await eraser.RunAsync(run, cancellationToken).ConfigureAwait(false);
    }
}
