using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace ServerlessTrace.Benchmarks.Durable;

/// <summary>Orchestrations that do nothing but call activities.</summary>
public sealed class FanFunctions
{
    public const int Width = 16;

    private static readonly ConcurrentDictionary<string, FanCount> Fans = new();

    /// <summary>Completes when the last activity of an instance has run.</summary>
    public static Task LastOf(string instanceId) => Fans.GetOrAdd(instanceId, static _ => new FanCount()).Last.Task;

    [Function(nameof(FanAsync))]
    public static Task FanAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Task.WhenAll(Enumerable.Range(0, Width).Select(_ => context.CallActivityAsync(nameof(Count), context.InstanceId)));
    }

    [Function(nameof(Count))]
    public static void Count([ActivityTrigger] string instanceId)
    {
        FanCount fan = Fans.GetOrAdd(instanceId, static _ => new FanCount());
        if (Interlocked.Increment(ref fan.Done) == Width)
        {
            fan.Last.TrySetResult();
        }
    }

    [Function(nameof(TickAsync))]
    public static async Task TickAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        for (int i = 0; i < 1000; i++)
        {
            await context.CallActivityAsync(nameof(SayAsync), i);
        }
    }

    /// <summary>Writes a line for the process that reads this one's output.</summary>
    [Function(nameof(SayAsync))]
    public static async Task SayAsync([ActivityTrigger] int number)
    {
        Console.WriteLine($"tick {number}");
        await Task.Delay(100);
    }

    private sealed class FanCount
    {
        public readonly TaskCompletionSource Last = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public int Done;
    }
}
