using Microsoft.DurableTask;

namespace ServerlessTrace.Functions.Orchestrations;

/// <summary>How often, and how late, an activity that failed runs again.</summary>
internal static class ActivityRetries
{
    /// <summary>Five attempts within 15 s: a sweep repeats what fails for longer.</summary>
    public static TaskOptions Short { get; } = Of(attempts: 5, first: TimeSpan.FromSeconds(1), growth: 2, longest: TimeSpan.FromSeconds(30));

    /// <summary>Eight attempts within about 30 min: nothing repeats what fails for longer.</summary>
    public static TaskOptions Long { get; } = Of(attempts: 8, first: TimeSpan.FromSeconds(2), growth: 3, longest: TimeSpan.FromMinutes(10));

    private static TaskOptions Of(int attempts, TimeSpan first, double growth, TimeSpan longest) =>
        new(new TaskRetryOptions(new RetryPolicy(attempts, first, growth, longest)));
}
