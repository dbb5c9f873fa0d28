using System.Globalization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Functions.Orchestrations;

namespace ServerlessTrace.Functions.Alerting.TraceRules;

/// <summary>The orchestration that waits until an interval is over and tells what a trace rule found beyond its limit, and its activity.</summary>
public sealed class RestFunctions(RestOfAlerts rest)
{
    /// <summary>The orchestrator's name. Its version goes up whenever its steps change, so that running instances end as they began.</summary>
    public const string OrchestratorName = "TellRestOfAlerts_v1";

    private const string TellName = "TellRestOfAlertsOfInterval_v1";

    /// <summary>How long after the interval's end: what was found at the end of it is listed by then.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly TaskOptions Retries = new(new TaskRetryOptions(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromSeconds(30))));

    /// <summary>Makes sure that the rest of an interval is told.</summary>
    internal static Task StartAsync(DurableTaskClient durable, AlertInterval interval, CancellationToken cancellationToken) => InstanceStart.EnsureAsync(
        durable, OrchestratorName, string.Create(CultureInfo.InvariantCulture, $"alerts-rest-{interval.Rule}-{interval.FromUnixMs}"), interval, cancellationToken);

    /// <summary>Waits for the interval's end and tells the rest.</summary>
    [Function(OrchestratorName)]
    public static async Task WaitAndTellAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        AlertInterval interval = context.GetInput<AlertInterval>() ?? throw new InvalidOperationException("The rest of alerts needs its interval as input.");
        DateTime due = DateTimeOffset.FromUnixTimeMilliseconds(interval.ToUnixMs).UtcDateTime + Grace;
        if (context.CurrentUtcDateTime < due)
        {
            await context.CreateTimer(due, CancellationToken.None);
        }

        await context.CallActivityAsync<int>(TellName, interval, Retries);
    }

    /// <summary>Tells the rest; returns how many traces that are.</summary>
    [Function(TellName)]
    public Task<int> TellAsync([ActivityTrigger] AlertInterval interval, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken) =>
        rest.TellAsync(interval, durable, cancellationToken);
}
