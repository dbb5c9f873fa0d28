using Azure;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessTrace.LocalHost.Triggers.Timers;

/// <summary>Runs one timer function when it is due, one run at a time.</summary>
internal sealed class TimerListener(
    string function,
    TimerSchedule schedule,
    TimerTriggerAttribute trigger,
    FixedDelayRetryAttribute? retry,
    TimerStatusBlob statusBlob,
    Func<TimerInfo, CancellationToken, Task> run,
    TimeProvider time,
    ILogger logger)
{
    // Longer waits are made of shorter ones: timers of the runtime are bounded, and clocks get set.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private bool _startedBefore;

    /// <summary>Runs while this host is the primary. A run that has begun is finished, or cut off by <paramref name="abort"/>.</summary>
    public async Task RunAsync(CancellationToken whilePrimary, CancellationToken abort)
    {
        bool monitored = trigger.UseMonitor && !schedule.IsOftenerThanEachMinute(time.GetUtcNow());
        ScheduleStatus? status = monitored ? await ReadStatusAsync(whilePrimary) : null;
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset? due = status is not null ? new DateTimeOffset(DateTime.SpecifyKind(status.Next, DateTimeKind.Utc)) : schedule.After(now);
        bool missed = due < now;
        if (missed || (trigger.RunOnStartup && !_startedBefore))
        {
            _startedBefore = true;
            await OnceAsync(status, missed, abort);
            due = schedule.After(time.GetUtcNow());
            status = await WriteStatusAsync(monitored, due, abort);
        }

        while (due is { } next && await WaitUntilAsync(next, whilePrimary))
        {
            await OnceAsync(status, pastDue: false, abort);
            now = time.GetUtcNow();
            due = schedule.After(now > next ? now : next);
            status = await WriteStatusAsync(monitored, due, abort);
        }
    }

    private async Task<bool> WaitUntilAsync(DateTimeOffset due, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan rest = due - time.GetUtcNow();
            if (rest <= TimeSpan.Zero)
            {
                return true;
            }

            // The runtime's timers may fire up to a millisecond early.
            TimeSpan wait = rest < LongestWait ? rest + TimeSpan.FromMilliseconds(1) : LongestWait;
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private async Task OnceAsync(ScheduleStatus? status, bool pastDue, CancellationToken abort)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await run(new TimerInfo { ScheduleStatus = status, IsPastDue = pastDue }, abort);
                return;
            }
#pragma warning disable CA1031 // Whatever a function throws is its failure, not the host's.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Log.FunctionFailed(logger, function, attempt, failure);
            }

            if (retry is null || (retry.MaxRetryCount >= 0 && attempt > retry.MaxRetryCount) || abort.IsCancellationRequested)
            {
                return;
            }

            TimeSpan delay = TimeSpan.Parse(retry.DelayInterval, System.Globalization.CultureInfo.InvariantCulture);
            await Task.Delay(delay, time, abort).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<ScheduleStatus?> ReadStatusAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await statusBlob.ReadAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is RequestFailedException or AggregateException)
        {
            Log.TimerStatusFailed(logger, function, failure);
            return null;
        }
    }

    // Written even when the host is stopping: the next primary would make up a run that has been.
    private async Task<ScheduleStatus?> WriteStatusAsync(bool monitored, DateTimeOffset? due, CancellationToken cancellationToken)
    {
        if (!monitored || due is null)
        {
            return null;
        }

        DateTime now = time.GetUtcNow().UtcDateTime;
        var status = new ScheduleStatus { Last = now, Next = due.Value.UtcDateTime, LastUpdated = now };
        try
        {
            await statusBlob.WriteAsync(status, cancellationToken);
        }
        catch (Exception failure) when (failure is RequestFailedException or AggregateException or OperationCanceledException)
        {
            Log.TimerStatusFailed(logger, function, failure);
        }

        return status;
    }
}
