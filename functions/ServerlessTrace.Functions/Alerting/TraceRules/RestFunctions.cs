using System.Globalization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Functions.Orchestrations;

namespace ServerlessTrace.Functions.Alerting.TraceRules;

/// <summary>The orchestration that waits until an interval is over and tells what a trace rule found beyond its limit, and its activity.</summary>
public sealed class RestFunctions(RestOfAlerts rest, TimeProvider clock)
{
    /// <summary>How long after the interval's end: what was found at the end of it is listed by then.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Makes sure that the rest of an interval is told.</summary>
    internal static Task StartAsync(DurableTaskClient durable, AlertInterval interval, CancellationToken cancellationToken) => InstanceStart.EnsureAsync(
        durable, OrchestrationNames.SummarizeAlerts, string.Create(CultureInfo.InvariantCulture, $"alerts-rest-{interval.Rule}-{interval.FromUnixMs}"), interval, cancellationToken);

    /// <summary>Waits for the interval's end and tells the rest.</summary>
    [Function(OrchestrationNames.SummarizeAlerts)]
    public static async Task WaitAndTellAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        AlertInterval interval = context.GetInput<AlertInterval>() ?? throw new InvalidOperationException("The rest of alerts needs its interval as input.");
        await context.WaitAboutAsync(DueUnixMs(interval));
        await context.CallActivityAsync<int>(OrchestrationNames.SummarizeAlertsOfInterval, interval, ActivityRetries.Short);
    }

    /// <summary>Waits out what remains of the interval and its grace, and notifies; returns the number of traces.</summary>
    [Function(OrchestrationNames.SummarizeAlertsOfInterval)]
    public async Task<int> TellAsync([ActivityTrigger] AlertInterval interval, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(interval);
        await clock.WaitUntilAsync(DueUnixMs(interval), cancellationToken).ConfigureAwait(false);
        return await rest.TellAsync(interval, durable, cancellationToken).ConfigureAwait(false);
    }

    private static long DueUnixMs(AlertInterval interval) => interval.ToUnixMs + (long)Grace.TotalMilliseconds;
}
