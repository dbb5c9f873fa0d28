using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace ServerlessTrace.Functions.Orchestrations;

/// <summary>Starts orchestrations whose ids say what they are about: one, however many ask for it.</summary>
internal static class InstanceStart
{
    /// <summary>Makes sure that an instance runs or has run well. One that failed or was terminated is not passed over in silence.</summary>
    /// <param name="durable">The client.</param>
    /// <param name="orchestrator">The orchestrator's name.</param>
    /// <param name="instanceId">The instance's id.</param>
    /// <param name="input">Its input.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether it runs; false where it has completed.</returns>
    public static async Task<bool> EnsureAsync(DurableTaskClient durable, string orchestrator, string instanceId, object input, CancellationToken cancellationToken)
    {
        try
        {
            await durable.ScheduleNewOrchestrationInstanceAsync(
                orchestrator, input, new StartOrchestrationOptions(instanceId), cancellationToken).ConfigureAwait(false);
            return true;
        }
#pragma warning disable CA1031 // Each backend has its own exception for an instance that exists.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            OrchestrationMetadata? existing = await durable.GetInstanceAsync(instanceId, cancellation: cancellationToken).ConfigureAwait(false);
            if (existing is null || existing.RuntimeStatus is OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated)
            {
                throw;
            }

            return existing.RuntimeStatus != OrchestrationRuntimeStatus.Completed;
        }
    }
}
