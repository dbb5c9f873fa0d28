using FsCheck;
using FsCheck.Xunit;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Core.Tests.Alerting.Webhooks;

public class RetryScheduleTests
{
    private static readonly RetrySchedule Schedule = new(TimeSpan.FromSeconds(5), TimeSpan.FromHours(3), TimeSpan.FromDays(1));

    [Fact]
    public void Attempts_thin_out_over_a_day_and_then_end()
    {
        List<TimeSpan> waits = WaitsOf("a");

        Assert.InRange(waits.Count, 12, 18);
        Assert.InRange(waits[0].TotalSeconds, 4, 6);
        Assert.InRange(waits[1].TotalSeconds, 12, 18);
        Assert.InRange(waits[2].TotalSeconds, 36, 54);
        Assert.InRange(waits.Sum(wait => wait.TotalHours), 19, 24);
        Assert.All(waits, wait => Assert.True(wait <= TimeSpan.FromHours(3.6)));
    }

    [Fact]
    public void Deliveries_that_failed_together_come_back_apart_and_each_always_at_the_same_time()
    {
        HashSet<TimeSpan> first = [.. Enumerable.Range(0, 100).Select(i => WaitsOf($"delivery-{i}")[0])];

        Assert.True(first.Count > 95);
        Assert.Equal(WaitsOf("delivery-1"), WaitsOf("delivery-1"));
    }

    [Fact]
    public void A_receiver_that_asks_for_more_time_gets_it() =>
        Assert.Equal(TimeSpan.FromMinutes(10), Schedule.WaitAfter("a", 1, TimeSpan.Zero, TimeSpan.FromMinutes(10)));

    [Fact]
    public void A_receiver_that_asks_to_be_tried_sooner_is_not() =>
        Assert.InRange(Schedule.WaitAfter("a", 1, TimeSpan.Zero, TimeSpan.FromMilliseconds(1))!.Value.TotalSeconds, 4, 6);

    [Property]
    public bool No_attempt_comes_after_the_end(NonEmptyString id, PositiveInt attempts, ushort minutes)
    {
        TimeSpan sinceFirst = TimeSpan.FromMinutes(minutes);
        return Schedule.WaitAfter(id.Get, attempts.Get, sinceFirst, TimeSpan.Zero) is not { } wait
            || (wait > TimeSpan.Zero && sinceFirst + wait <= Schedule.GiveUpAfter);
    }

    private static List<TimeSpan> WaitsOf(string id)
    {
        var waits = new List<TimeSpan>();
        TimeSpan since = TimeSpan.Zero;
        while (Schedule.WaitAfter(id, waits.Count + 1, since, TimeSpan.Zero) is { } wait)
        {
            waits.Add(wait);
            since += wait;
        }

        return waits;
    }
}
