using System.Diagnostics;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>Waits for what must become true before a deadline, and says what was seen last when it does not.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static async Task<T> GetAsync<T>(Func<Task<T>> look, Func<T, bool> isDone, string what, TimeSpan? deadline = null)
    {
        var watch = Stopwatch.StartNew();
        T seen = default!;
        Exception? failure = null;
        while (watch.Elapsed < (deadline ?? Deadline))
        {
            try
            {
                seen = await look();
                failure = null;
                if (isDone(seen))
                {
                    return seen;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                failure = exception;
            }

            await Task.Delay(50);
        }

        throw new Xunit.Sdk.XunitException($"{what} did not happen within {deadline ?? Deadline}. Seen last: {failure?.Message ?? seen?.ToString()}");
    }
}
