using ServerlessTrace.Storage.Retention;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests.Alerting;

public sealed class AlertRetentionTests(AzuriteFixture azurite) : AlertingTest(azurite)
{
    [Fact]
    public async Task What_happened_to_alerts_goes_when_the_traces_are_gone()
    {
        await RuleAsync("slow", """{"kind":"trace-duration","over":"90ms"}""");
        await TakeInAsync("a", SpanBatches.Join(SpanBatches.Complete(Id(0)), SpanBatches.Complete(Id(1))));
        var step = new ExpiredAlerts(Clients, new RetentionOptions());

        // Rows are as old as storage says, whose clock is the machine's.
        DateTimeOffset day = new(DateTimeOffset.UtcNow.Date.AddHours(4), TimeSpan.Zero);
        Assert.Equal(0, (await step.RunAsync(day.AddDays(29), null, CancellationToken.None)).Deleted);
        Assert.Equal(0, (await step.RunAsync(day.AddDays(32).AddHours(1), null, CancellationToken.None)).Deleted);
        Assert.Equal(2, (await TransitionsAsync()).Count);

        // What is listed, what was found, and who spoke.
        Assert.Equal(5, (await step.RunAsync(day.AddDays(32), null, CancellationToken.None)).Deleted);
        Assert.Empty(await TransitionsAsync());
        Assert.Empty(await RowsAsync(Clients.TraceAlerts));
    }
}
