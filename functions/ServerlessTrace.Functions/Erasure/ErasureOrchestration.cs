using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using ServerlessTrace.Storage.Erasure;

namespace ServerlessTrace.Functions.Erasure;

/// <summary>The orchestration of one erasure, which goes on batch by batch, however long it takes. Its history never says what is erased.</summary>
public sealed class ErasureOrchestration(Eraser eraser)
{
    /// <summary>The orchestrator's name. Its version goes up whenever its steps change, so that running instances end as they began.</summary>
    public const string OrchestratorName = "Erase_v1";

    private const string EraseBatchName = "EraseBatch_v1";

    /// <summary>Batches of one run of the orchestrator; then it starts anew, so that its history stays short.</summary>
    private const int BatchesPerRun = 50;

    private static readonly TaskOptions Retries = new(new TaskRetryOptions(
        new RetryPolicy(maxNumberOfAttempts: 8, firstRetryInterval: TimeSpan.FromSeconds(2), backoffCoefficient: 3, maxRetryInterval: TimeSpan.FromMinutes(10))));

    /// <summary>Has one batch after another erased.</summary>
    [Function(OrchestratorName)]
    public static async Task EraseAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ErasureRun run = context.GetInput<ErasureRun>() ?? throw new InvalidOperationException("An erasure's orchestration needs its id as input.");
        for (int batch = 0; batch < BatchesPerRun; batch++)
        {
            if (run.WaitMs > 0)
            {
                await context.CreateTimer(context.CurrentUtcDateTime.AddMilliseconds(run.WaitMs), CancellationToken.None);
            }

            ErasureRun? next = await context.CallActivityAsync<ErasureRun?>(EraseBatchName, run, Retries);
            if (next is null)
            {
                return;
            }

            run = next;
        }

        context.ContinueAsNew(run);
    }

    /// <summary>Erases one batch and says what comes next; null at the end.</summary>
    [Function(EraseBatchName)]
    public Task<ErasureRun?> EraseBatchAsync([ActivityTrigger] ErasureRun run, CancellationToken cancellationToken) => eraser.RunAsync(run, cancellationToken);
}
