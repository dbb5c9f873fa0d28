using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using ServerlessTrace.Functions.Orchestrations;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>The orchestration that delivers one notification to one subscription, and its activity.</summary>
public sealed class DeliverWebhookFunctions(WebhookDeliverer deliverer, TimeProvider clock)
{
    /// <summary>Steps after which the history begins anew, so that waiting long for a turn does not make it long.</summary>
    private const int StepsPerHistory = 50;

    /// <summary>Tries, waits and tries again, until the message is delivered or given up.</summary>
    [Function(OrchestrationNames.DeliverWebhook)]
    public static async Task DeliverAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        DeliveryKey key = context.GetInput<DeliveryKey>() ?? throw new InvalidOperationException("A delivery's orchestration needs its delivery as input.");
        for (int step = 0; step < StepsPerHistory; step++)
        {
            DeliveryStep next = await context.CallActivityAsync<DeliveryStep>(OrchestrationNames.DeliverWebhookStep, key, ActivityRetries.Short);
            if (next.DueUnixMs is not { } due)
            {
                return;
            }

            await context.WaitAboutAsync(due);
            key = key with { DueUnixMs = due, Turns = next.IsTurn ? key.Turns + 1 : 0 };
        }

        context.ContinueAsNew(key);
    }

    /// <summary>Waits out the rest until it is due, and makes one attempt, or none if it is not its turn.</summary>
    [Function(OrchestrationNames.DeliverWebhookStep)]
    public async Task<DeliveryStep> StepAsync([ActivityTrigger] DeliveryKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        await clock.WaitUntilAsync(key.DueUnixMs, cancellationToken).ConfigureAwait(false);
        return await deliverer.StepAsync(key, cancellationToken).ConfigureAwait(false);
    }
}
