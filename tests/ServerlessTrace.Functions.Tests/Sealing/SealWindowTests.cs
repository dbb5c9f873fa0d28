using Microsoft.Extensions.Logging.Abstractions;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Forwarding;
using ServerlessTrace.Functions.Sealing;
using ServerlessTrace.Functions.Tests.Alerting;
using ServerlessTrace.Functions.Tests.Clocks;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Sealing;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests.Sealing;

/// <summary>A window's orchestration, whose timers may fire a second early, as on Azure's default backend, or late.</summary>
public sealed class SealWindowTests(AzuriteFixture azurite) : AlertingTest(azurite)
{
    private static readonly TraceId One = SpanBatches.IdIn(3, 0);

    public static TheoryData<int> SkewsInMs => [-1_000, -999, -300, 0, 300, 1_000];

    private DateTimeOffset End => Start + Options.Window;

    private DateTimeOffset Start { get; } = new(2026, 2, 26, 18, 0, 0, TimeSpan.Zero);

    [Theory]
    [MemberData(nameof(SkewsInMs))]
    public async Task Spans_that_come_before_a_windows_end_are_sealed_by_it(int skewMs)
    {
        var clock = new EventClock(Clock);
        clock.At(End.AddMilliseconds(-1), () => WriteAsync("last", SpanBatches.Complete(One)));

        await RunAsync(clock, skewMs);

        Assert.Equal([One], (await StoredState.ReadAsync(this)).Sealed.Keys);
        Assert.InRange(Clock.GetUtcNow(), End, End.AddMilliseconds(Math.Max(2, skewMs)));
    }

    [Theory]
    [MemberData(nameof(SkewsInMs))]
    public async Task An_incomplete_trace_is_sealed_once_it_is_quiet_by_one_seal_run(int skewMs)
    {
        var clock = new EventClock(Clock);
        await WriteAsync("a", SpanBatches.Started(One));

        SkewedTimers run = await RunAsync(clock, skewMs);

        Assert.Equal(["SealOpenShards_v2", "SealShard_v2"], run.Called);
        Assert.Equal([One], (await StoredState.ReadAsync(this)).Sealed.Keys);
        Assert.InRange(Clock.GetUtcNow(), Start + Options.QuietPeriod, Start + Options.QuietPeriod + TimeSpan.FromMilliseconds(Math.Max(5, skewMs + 5)));
    }

    [Theory]
    [MemberData(nameof(SkewsInMs))]
    public async Task Waits_of_less_than_a_second_are_no_loop(int skewMs)
    {
        Options.Window = TimeSpan.FromMilliseconds(200);
        Options.QuietPeriod = TimeSpan.FromMilliseconds(700);
        var clock = new EventClock(Clock);
        clock.At(End.AddMilliseconds(-1), () => WriteAsync("last", SpanBatches.Started(One)));

        SkewedTimers run = await RunAsync(clock, skewMs);

        Assert.Equal(["SealOpenShards_v2", "SealShard_v2"], run.Called);
        Assert.Equal([One], (await StoredState.ReadAsync(this)).Sealed.Keys);
    }

    [Fact]
    public async Task Many_chunks_are_sealed_by_an_activity_a_shard()
    {
        for (int source = 0; source < 5; source++)
        {
            await WriteAsync($"s{source}", SpanBatches.Join([.. Shard.All.Select(shard => SpanBatches.Complete(SpanBatches.IdIn(shard.Number, source)))]));
        }

        SkewedTimers run = await RunAsync(new EventClock(Clock), 0);

        Assert.Equal(["SealOpenShards_v2", .. Shard.All.Select(_ => "SealShard_v2")], run.Called);
        Assert.Equal(5 * Shard.Count, (await StoredState.ReadAsync(this)).Sealed.Count);
    }

    [Fact]
    public async Task Where_another_hosts_clock_ended_the_window_early_the_next_one_is_started()
    {
        var starter = new WindowStarter(Options, Clock, NullLogger<WindowStarter>.Instance);
        Started.Completed.Add(Instance(0));

        await starter.StartAsync(Started, CancellationToken.None);

        Assert.Equal(new SealWindow((End + Options.Window).ToUnixTimeMilliseconds()), Assert.Single(Started.Inputs));
    }

    private string Instance(int later) => $"seal-{Options.Window.TotalMilliseconds}-{(Start.ToUnixTimeMilliseconds() / (long)Options.Window.TotalMilliseconds) + later}";

    private async Task<SkewedTimers> RunAsync(EventClock clock, int skewMs)
    {
        using ShardSealer sealer = NewSealer();
        var forwarding = new ForwardStarter(new ForwardOptions(), Options, Clock, NullLogger<ForwardStarter>.Instance);
        var functions = new SealWindowFunctions(Chunks, sealer, NewAlerts(), forwarding, clock);
        var run = new SkewedTimers(clock, TimeSpan.FromMilliseconds(skewMs), new SealWindow(End.ToUnixTimeMilliseconds()), async (_, input) => input switch
        {
            SealWindow window => await functions.SealOpenShardsAsync(window, Started, CancellationToken.None),
            SealShard shard => await functions.SealShardAsync(shard, Started, CancellationToken.None),
            _ => throw new NotSupportedException(),
        });
        await SealWindowFunctions.SealWindowAsync(run);
        return run;
    }
}
