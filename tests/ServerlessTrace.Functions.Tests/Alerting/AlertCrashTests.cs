using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Faults;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests.Alerting;

/// <summary>The process dies, or an answer is lost, at each request of sealing and evaluating; nobody outside sees a difference.</summary>
public sealed class AlertCrashTests(AzuriteFixture azurite) : AlertingTest(azurite)
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddTicks(TraceBuilder.Epoch / 100);

    [Theory]
    [InlineData(Fault.DiesBefore)]
    [InlineData(Fault.DiesAfter)]
    [InlineData(Fault.AnswerLost)]
    public async Task What_is_told_does_not_depend_on_where_it_failed(Fault fault)
    {
        await PrepareAsync();
        await RunAsync(0, fault);
        string[] expected = Seen();
        string[] logged = await LoggedAsync();
        Assert.Equal(4, expected.Length);

        int failures = 0;
        for (int n = 1; await FailsAsync(n, fault); n++)
        {
            failures++;
            Assert.Equal(expected, Seen());
            Assert.Equal(logged, await LoggedAsync());
            Assert.Empty(Told.Changed);
        }

        Assert.InRange(failures, 30, 90);
    }

    private async Task<bool> FailsAsync(int n, Fault fault)
    {
        await InitializeAsync();
        Told.Clear();
        Started.Clear();
        await PrepareAsync();
        return await RunAsync(n, fault);
    }

    /// <summary>Two slow traces that a trace rule finds, of which it tells one by itself, and a minute that a window rule finds too slow; then a fast one.</summary>
    private async Task PrepareAsync()
    {
        await RuleAsync("slow", """{"kind":"span-duration","over":"200ms","match":{"operation":"pay"},"limit":{"notifications":1,"interval":"1d"}}""");
        await RuleAsync("p95", """{"kind":"window","above":"500ms","window":"1m","minimumSamples":1,"of":"traces","match":{"service":"shop"},"resolveAfter":"0s"}""");
        await WriteAsync("a", SpanBatches.Join(
            new TraceBuilder(Id(0)).Span(1, "bank", "pay", 0, 300).Flush(),
            new TraceBuilder(Id(16)).Span(1, "bank", "pay", 0, 400).Flush(),
            new TraceBuilder(Id(32)).Span(1, "shop", "GET /", 0, 900).Flush(),
            new TraceBuilder(Id(48)).Span(1, "shop", "GET /", 60_000, 60_090).Flush()));
    }

    private async Task<bool> RunAsync(int n, Fault fault)
    {
        Requests.Fail(n, fault);
        bool failed = false;
        Func<Task>[] steps = [SealWatchedAsync, TellRestAsync, () => EvaluateAsync(Start.AddMinutes(1), "p95"), () => EvaluateAsync(Start.AddMinutes(2), "p95")];
        foreach (Func<Task> step in steps)
        {
            try
            {
                await step();
            }
            catch (ProcessDiedException)
            {
                // The platform starts another process and does it again.
                failed = true;
                Requests.Clear();
                await step();
            }
        }

        return failed || Requests.HasFailed;
    }

    /// <summary>What the world was told, but for times.</summary>
    private string[] Seen() => [.. Told.Once.Select(notification => $"{notification.Id} {ToldNotifications.Text(notification)}")];

    private async Task<string[]> LoggedAsync() =>
        [.. (await TransitionsAsync()).Select(transition => $"{transition.AlertId} {transition.From} {transition.To} {transition.Summary}").Order(StringComparer.Ordinal)];
}
