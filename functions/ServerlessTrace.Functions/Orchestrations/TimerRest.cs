using Microsoft.DurableTask;

namespace ServerlessTrace.Functions.Orchestrations;

/// <summary>
/// Waits of orchestrations that must not end early. Durable timers of Azure's default backend are queue visibilities in whole seconds: they fire up to 1 s early, and those
/// of less than 1 s at once. So the orchestrator has a timer for the whole seconds, and the activity that follows waits out the rest by the real clock.
/// </summary>
internal static class TimerRest
{
    private static readonly TimeSpan ShortestTimer = TimeSpan.FromSeconds(1);

    /// <summary>In the orchestrator: waits until about a time in ms since 1970 UTC.</summary>
    public static Task WaitAboutAsync(this TaskOrchestrationContext context, long unixMs)
    {
        DateTime time = DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime;
        return time - context.CurrentUtcDateTime < ShortestTimer ? Task.CompletedTask : context.CreateTimer(time, CancellationToken.None);
    }

    /// <summary>In the activity: waits until a time in ms since 1970 UTC.</summary>
    public static async Task WaitUntilAsync(this TimeProvider clock, long unixMs, CancellationToken cancellationToken)
    {
        // A delay may end a little early, too.
        for (TimeSpan rest; (rest = DateTimeOffset.FromUnixTimeMilliseconds(unixMs) - clock.GetUtcNow()) > TimeSpan.Zero;)
        {
            await Task.Delay(rest + TimeSpan.FromMilliseconds(1), clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
