using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>The orchestration that delivers one notification to one subscription, and its activity.</summary>
public sealed class DeliverWebhookFunctions(WebhookDeliverer deliverer)
{
    /// <summary>The orchestrator's name. Its version goes up whenever its steps change, so that running instances end as they began.</summary>
    public const string OrchestratorName = "DeliverWebhook_v1";

    private const string StepName = "DeliverWebhookStep_v1";

    /// <summary>Steps after which the history begins anew, so that waiting long for a turn does not make it long.</summary>
    private const int StepsPerHistory = 50;

    private static readonly TaskOptions Retries = new(new TaskRetryOptions(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromSeconds(30))));

    /// <summary>Tries, waits and tries again, until the message is delivered or given up.</summary>
    [Function(OrchestratorName)]
    public static async Task DeliverAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        DeliveryKey key = context.GetInput<DeliveryKey>() ?? throw new InvalidOperationException("A delivery's orchestration needs its delivery as input.");
        for (int step = 0; step < StepsPerHistory; step++)
        {
            DeliveryStep next = await context.CallActivityAsync<DeliveryStep>(StepName, key, Retries);
            if (next.WaitMs is not { } wait)
            {
                return;
            }

            await context.CreateTimer(context.CurrentUtcDateTime.AddMilliseconds(wait), CancellationToken.None);
            key = key with { Turns = next.IsTurn ? key.Turns + 1 : 0 };
        }

        context.ContinueAsNew(key);
    }

    /// <summary>One attempt, or none if it is not its turn.</summary>
    [Function(StepName)]
    public Task<DeliveryStep> StepAsync([ActivityTrigger] DeliveryKey key, CancellationToken cancellationToken) => deliverer.StepAsync(key, cancellationToken);
}
