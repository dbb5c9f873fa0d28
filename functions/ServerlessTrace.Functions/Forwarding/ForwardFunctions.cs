using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Functions.Orchestrations;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Forwarding;

/// <summary>The one orchestration that forwards what was sealed, and what starts it.</summary>
public sealed class ForwardFunctions(TraceForwarder forwarder, ForwardStarter starter, ForwardOutbox outbox, ForwardOptions options, TimeProvider clock)
{
    private const int Rounds = 30;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Sends until a look finds nothing, since what is sealed while it runs starts no other. While the receiver refuses, the pauses grow. After some rounds
    /// the history is long enough: the next sealing, or the sweep, starts anew.
    /// </summary>
    [Function(OrchestrationNames.ForwardTraces)]
    public static async Task ForwardAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        TimeSpan pause = TimeSpan.FromMilliseconds(context.GetInput<int>());
        long due = 0;
        for (int round = 0; round < Rounds; round++)
        {
            ForwardResult result = await context.CallActivityAsync<ForwardResult>(OrchestrationNames.ForwardBatches, due, ActivityRetries.Short);
            if (result is { IsMore: false, Spans: 0 })
            {
                return;
            }

            TimeSpan wait = result.IsRefused ? pause : result.IsMore ? TimeSpan.Zero : Again;
            if (result.IsRefused)
            {
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }

            due = new DateTimeOffset(context.CurrentUtcDateTime + wait).ToUnixTimeMilliseconds();
            await context.WaitAboutAsync(due);
        }
    }

    /// <summary>Waits out the rest until it is due, and sends what waits, for a few minutes at most.</summary>
    [Function(OrchestrationNames.ForwardBatches)]
    public async Task<ForwardResult> SendAsync([ActivityTrigger] long dueUnixMs, CancellationToken cancellationToken)
    {
        await clock.WaitUntilAsync(dueUnixMs, cancellationToken).ConfigureAwait(false);
        return await forwarder.SendAsync(cancellationToken).ConfigureAwait(false);
    }

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
