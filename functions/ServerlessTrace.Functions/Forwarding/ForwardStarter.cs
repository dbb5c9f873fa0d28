using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Orchestrations;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Forwarding;

/// <summary>
/// Starts the forwarding orchestration, of which there is one at a time: a little later, so that all shards of a window are sent together, and at
/// most once a window from each instance. What a running one has just passed by is found by the sweep.
/// </summary>
public sealed partial class ForwardStarter(ForwardOptions options, SealOptions seal, TimeProvider clock, ILogger<ForwardStarter> log)
{
    private const string Instance = "forward";
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);

    private long _startedAt = long.MinValue;

    /// <summary>Makes sure that what was just sealed is forwarded soon.</summary>
    public async Task SealedAsync(DurableTaskClient durable, CancellationToken cancellationToken)
    {
        long last = Volatile.Read(ref _startedAt);
        if (!options.IsOn || (last != long.MinValue && clock.GetElapsedTime(last) < seal.Window))
        {
            return;
        }

        Volatile.Write(ref _startedAt, clock.GetTimestamp());
        await StartAsync(durable, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts it unless it runs. A failure is logged only: the sweep tries again.</summary>
    public async Task StartAsync(DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(durable);
        try
        {
            await durable.ScheduleNewOrchestrationInstanceAsync(
                OrchestrationNames.ForwardTraces,
                (int)options.RetryAfter.TotalMilliseconds,
                new StartOrchestrationOptions(Instance, clock.GetUtcNow() + Gather),
                cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Each backend has its own exception for an instance that runs.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogNotStarted(exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Forwarding runs already, or could not be started: {Reason}")]
    private partial void LogNotStarted(string reason);
}
