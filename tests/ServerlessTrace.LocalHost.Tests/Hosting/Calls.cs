using System.Collections.Concurrent;

namespace ServerlessTrace.LocalHost.Tests.Hosting;

/// <summary>What test functions were called with; a test waits here for what it expects.</summary>
public sealed class Calls
{
    private readonly ConcurrentQueue<string> _calls = new();

    public string[] All => [.. _calls];

    public int Count(string call) => _calls.Count(made => made == call);

    public void Add(string call) => _calls.Enqueue(call);

    public Task<string[]> WaitForAsync(params string[] expected) =>
        WaitUntilAsync(all => expected.All(all.Contains), $"calls of {string.Join(", ", expected)}");

    public async Task<string[]> WaitUntilAsync(Func<string[], bool> condition, string what = "more calls")
    {
        await Eventually.TrueAsync(() => Task.FromResult(condition(All)), () => $"Waited for {what}; got: {string.Join(", ", All)}.");
        return All;
    }
}
