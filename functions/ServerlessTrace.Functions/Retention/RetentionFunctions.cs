using System.Globalization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Orchestrations;
using ServerlessTrace.Storage.Retention;

namespace ServerlessTrace.Functions.Retention;

/// <summary>Deletes what is older than it may be: every hour an orchestration that goes from kind to kind, batch by batch.</summary>
public sealed partial class RetentionFunctions(
    IEnumerable<IRetentionStep> steps, RetentionOptions options, TimeProvider clock, ILogger<RetentionFunctions> log)
{
    /// <summary>Batches of one run of the orchestrator; then it starts anew, so that its history stays short.</summary>
    private const int BatchesPerRun = 50;

    private readonly IRetentionStep[] _steps = [.. steps];

    /// <summary>Every hour: starts the hour's orchestration. It is one however many instances there are, and however often the timer fires.</summary>
    [Function("StartRetention")]
    public async Task StartAsync(
        [TimerTrigger("0 40 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(durable);
        if (!options.Enabled)
        {
            return;
        }

        DateTimeOffset now = clock.GetUtcNow();
        await durable.PurgeAllInstancesAsync(
            new PurgeInstancesFilter(null, now - options.Failures, [OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated]),
            cancellationToken).ConfigureAwait(false);
        string instance = now.ToString("'retention-'yyyyMMdd'T'HH", CultureInfo.InvariantCulture);
        if (await durable.GetInstanceAsync(instance, cancellation: cancellationToken).ConfigureAwait(false) is null)
        {
            await durable.ScheduleNewOrchestrationInstanceAsync(
                OrchestrationNames.Retention, new RetentionRun(now.ToUnixTimeMilliseconds()), new StartOrchestrationOptions(instance), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Has one kind after another deleted, in bounded batches. One that fails for good keeps no other from being deleted.</summary>
    [Function(OrchestrationNames.Retention)]
    public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        RetentionRun run = context.GetInput<RetentionRun>() ?? throw new InvalidOperationException("A retention's orchestration needs its time as input.");
        for (int batch = 0; batch < BatchesPerRun; batch++)
        {
            RetentionRun? next;
            try
            {
                next = await context.CallActivityAsync<RetentionRun?>(OrchestrationNames.DeleteExpired, run, ActivityRetries.Short);
            }
            catch (TaskFailedException)
            {
                // Logged where it failed; the next hour's orchestration tries again.
                next = new RetentionRun(run.NowUnixMs, run.Step + 1);
            }

            if (next is null)
            {
                return;
            }

            run = next;
        }

        context.ContinueAsNew(run);
    }

    /// <summary>Deletes one batch and says what comes next; null at the end.</summary>
    [Function(OrchestrationNames.DeleteExpired)]
    public async Task<RetentionRun?> DeleteBatchAsync([ActivityTrigger] RetentionRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Step >= _steps.Length)
        {
            return null;
        }

        IRetentionStep step = _steps[run.Step];
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(run.NowUnixMs);
        RetentionBatch batch = await step.RunAsync(now, run.From, cancellationToken).ConfigureAwait(false);
        if (batch.Deleted > 0)
        {
            LogDeleted(step.Name, batch.Deleted);
        }

        return batch.Next is null ? run with { Step = run.Step + 1, From = null } : run with { From = batch.Next };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Retention: {Deleted} deleted of {Kind}")]
    private partial void LogDeleted(string kind, int deleted);
}
