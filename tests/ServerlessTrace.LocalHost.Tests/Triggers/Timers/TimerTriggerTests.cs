using ServerlessTrace.LocalHost.Tests.Hosting;
using ServerlessTrace.LocalHost.Triggers.Timers;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Timers;

public sealed class TimerTriggerTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>
{
    private readonly ArmedTimeProvider _time = new(new DateTimeOffset(2026, 2, 26, 18, 0, 0, TimeSpan.Zero));
    private int _waits;

    [Theory]
    [InlineData("0 */5 * * * *", "18:05:00")]
    [InlineData("*/10 * * * * *", "18:00:10")]
    [InlineData("30 0 * * *", "00:30:00")]
    [InlineData("00:00:15", "18:00:15")]
    public void A_schedule_has_a_next_occurrence(string text, string next) =>
        Assert.Equal(next, TimerSchedule.TryParse(text)!.After(_time.GetUtcNow())!.Value.ToString("HH:mm:ss", null));

    [Theory]
    [InlineData("")]
    [InlineData("sometimes")]
    [InlineData("0 0 0 0 0 0 0")]
    [InlineData("-00:00:01")]
    [InlineData("99 * * * * *")]
    public void What_is_no_schedule_is_refused(string text) => Assert.Null(TimerSchedule.TryParse(text));

    [Fact]
    public async Task A_timer_runs_when_it_is_due()
    {
        var app = new TestApp(storage, typeof(HourlyFunctions)) { Time = _time };
        await using LocalFunctionHost host = await app.StartAsync();

        await AdvanceUntilAsync(app, "hourly:in time:");
        await AdvanceUntilAsync(app, "hourly:in time:19:30");

        Assert.Equal(2, app.Calls.All.Length);
    }

    [Fact]
    public async Task What_was_missed_while_no_host_ran_is_made_up_once()
    {
        var app = new TestApp(storage, typeof(HourlyFunctions)) { Time = _time };
        await using (LocalFunctionHost host = await app.StartAsync())
        {
            await AdvanceUntilAsync(app, "hourly:in time:");
            await Eventually.TrueAsync(
                async () => await storage.Blobs.GetBlobContainerClient("azure-webjobs-hosts").GetBlobClient($"timers/{app.Place}/Hourly/status").ExistsAsync(),
                () => "No status was written.");
        }

        _time.Advance(TimeSpan.FromHours(5));
        await using LocalFunctionHost next = await app.StartAsync();

        await app.Calls.WaitForAsync("hourly:late:19:30");
        Assert.Equal(2, app.Calls.All.Length);
    }

    [Fact]
    public async Task A_timer_may_run_at_the_start_and_take_its_schedule_from_a_setting()
    {
        var app = new TestApp(storage, typeof(StartupFunctions)) { Time = _time };
        await using LocalFunctionHost host = await app.StartAsync(settings => settings["schedule"] = "0 0 12 * * *");

        await app.Calls.WaitForAsync("startup");
    }

    [Fact]
    public async Task A_setting_that_is_not_set_is_named()
    {
        HostStartException refusal = await Assert.ThrowsAsync<HostStartException>(() => new TestApp(storage, typeof(StartupFunctions)).StartAsync());

        Assert.Contains("%schedule%", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_run_is_retried_as_often_as_its_attribute_says()
    {
        var app = new TestApp(storage, typeof(RetriedFunctions), typeof(OftenFunctions));
        await using LocalFunctionHost host = await app.StartAsync();

        await app.Calls.WaitUntilAsync(all => all.Count(call => call == "try") == 3);
        await app.Calls.WaitUntilAsync(all => all.Count(call => call == "often") >= 3);
        Assert.Equal(3, app.Calls.Count("try"));
    }

    [Fact]
    public async Task Of_two_hosts_one_runs_the_timer_and_the_other_follows_it()
    {
        var app = new TestApp(storage, typeof(HourlyFunctions)) { Time = _time };
        await using LocalFunctionHost first = await app.StartAsync();
        await AdvanceUntilAsync(app, "hourly:in time:");
        await using LocalFunctionHost second = await app.StartAsync();
        await AdvanceUntilAsync(app, "hourly:in time:19:30");
        Assert.Equal(2, app.Calls.All.Length);

        // The other may take over only after the half hour: then it runs late, but once.
        await first.StopAsync();
        await AdvanceUntilAsync(app, call => call.EndsWith(":20:30", StringComparison.Ordinal));

        Assert.Equal(3, app.Calls.All.Length);
    }

    // The listener waits for the next half hour some time after the host has started or the last run has ended.
    private Task AdvanceUntilAsync(TestApp app, string call) => AdvanceUntilAsync(app, made => made == call);

    private async Task AdvanceUntilAsync(TestApp app, Func<string, bool> isCall)
    {
        await Eventually.TrueAsync(() => Task.FromResult(_time.Waiting > _waits), () => "No timer was set.");
        _waits = _time.Waiting;
        _time.Advance(TimeSpan.FromMinutes(31));
        await app.Calls.WaitUntilAsync(all => all.Any(isCall));
        _time.Advance(TimeSpan.FromMinutes(-31) + TimeSpan.FromHours(1));
    }
}
