using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Forwarding;

/// <summary>The one orchestration that forwards what was sealed, and what starts it.</summary>
public sealed class ForwardFunctions(TraceForwarder forwarder, ForwardStarter starter, ForwardOutbox outbox, ForwardOptions options)
{
    /// <summary>The orchestrator's name. Its version goes up whenever its steps change, so that running instances end as they began.</summary>
    public const string OrchestratorName = "ForwardTraces_v1";

    private const string SendName = "ForwardBatches_v1";
    private const int Rounds = 30;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private static readonly TaskOptions Retries = new(new TaskRetryOptions(
        new RetryPolicy(maxNumberOfAttempts: 3, firstRetryInterval: TimeSpan.FromSeconds(2), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromSeconds(30))));

    /// <summary>
    /// Sends until a look finds nothing, since what is sealed while it runs starts no other. While the receiver refuses, the pauses grow. After some rounds
    /// the history is long enough: the next sealing, or the sweep, starts anew.
    /// </summary>
    [Function(OrchestratorName)]
    public static async Task ForwardAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        TimeSpan pause = TimeSpan.FromMilliseconds(context.GetInput<int>());
        for (int round = 0; round < Rounds; round++)
        {
            ForwardResult result = await context.CallActivityAsync<ForwardResult>(SendName, round, Retries);
            if (result is { IsMore: false, Spans: 0 })
            {
                return;
            }

            if (result.IsRefused)
            {
                await context.CreateTimer(context.CurrentUtcDateTime + pause, CancellationToken.None);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            else if (!result.IsMore)
            {
                await context.CreateTimer(context.CurrentUtcDateTime + Again, CancellationToken.None);
            }
        }
    }

    /// <summary>Sends what waits, for a few minutes at most.</summary>
    [Function(SendName)]
    public Task<ForwardResult> SendAsync([ActivityTrigger] int round, CancellationToken cancellationToken) => forwarder.SendAsync(cancellationToken);

    /// <summary>Every 5 min: starts the orchestration where something waits that no sealing will announce any more.</summary>
    [Function("ForwardSweep")]
    public async Task SweepAsync(
        [TimerTrigger("20 */5 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        if (!options.IsOn)
        {
            return;
        }

        foreach (Shard shard in Shard.All)
        {
            if (await outbox.HasAnyAsync(shard, cancellationToken).ConfigureAwait(false))
            {
                await starter.StartAsync(durable, cancellationToken).ConfigureAwait(false);
                return;
            }
        }
    }

    /// <summary>Every hour: forgets what was sent long ago.</summary>
    [Function("ForwardForget")]
    public async Task ForgetAsync([TimerTrigger("0 35 * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        foreach (Shard shard in options.IsOn ? Shard.All : [])
        {
            await outbox.ForgetAsync(shard, cancellationToken).ConfigureAwait(false);
        }
    }
}
