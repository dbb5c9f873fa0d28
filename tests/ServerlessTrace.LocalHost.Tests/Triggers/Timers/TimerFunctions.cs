using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.LocalHost.Tests.Hosting;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Timers;

public sealed class HourlyFunctions(Calls calls)
{
    [Function("Hourly")]
    public void Hourly([TimerTrigger("0 30 * * * *")] TimerInfo timer) =>
        calls.Add($"hourly:{(timer.IsPastDue ? "late" : "in time")}:{timer.ScheduleStatus?.Next:HH:mm}");
}

public sealed class StartupFunctions(Calls calls)
{
    [Function("Startup")]
    public void Startup([TimerTrigger("%schedule%", RunOnStartup = true)] TimerInfo timer) => calls.Add("startup");
}

public sealed class RetriedFunctions(Calls calls)
{
    [Function("Retried")]
    [FixedDelayRetry(2, "00:00:00.010")]
    public void Retried([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true)] TimerInfo timer)
    {
        calls.Add("try");
        throw new InvalidOperationException("asked to fail");
    }
}

public sealed class OftenFunctions(Calls calls)
{
    [Function("Often")]
    public void Often([TimerTrigger("00:00:00.100")] TimerInfo timer, CancellationToken cancellationToken) => calls.Add("often");
}
