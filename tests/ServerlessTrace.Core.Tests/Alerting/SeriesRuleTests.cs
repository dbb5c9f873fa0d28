using System.Text;
using FsCheck.Xunit;
using ServerlessTrace.Core.Alerting.Evaluation;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Json;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Tests.Alerting;

/// <summary>What series rules say of windows.</summary>
public sealed class SeriesRuleTests
{
    private static readonly DateTimeOffset End = new(2026, 2, 26, 18, 0, 0, TimeSpan.Zero);
    private static readonly double[] Usual = [.. Enumerable.Range(1, 100).Select(n => (double)n)];

    [Theory]
    [InlineData("""{"kind":"window","statistic":"p50","above":"40ms"}""", Outcome.Breached, 50)]
    [InlineData("""{"kind":"window","statistic":"p50","above":"52ms"}""", Outcome.Near, 50)]
    [InlineData("""{"kind":"window","statistic":"p50","above":"52ms","resolveRatio":1}""", Outcome.Clear, 50)]
    [InlineData("""{"kind":"window","statistic":"p50","above":"60ms"}""", Outcome.Clear, 50)]
    [InlineData("""{"kind":"window","statistic":"p99","above":"90ms"}""", Outcome.Breached, 99)]
    [InlineData("""{"kind":"window","statistic":"p99.9","above":"90ms"}""", Outcome.Breached, 100)]
    [InlineData("""{"kind":"window","statistic":"mean","above":"50ms"}""", Outcome.Breached, 50.5)]
    [InlineData("""{"kind":"window","statistic":"max","above":"150ms"}""", Outcome.Clear, 100)]
    [InlineData("""{"kind":"window","statistic":"p50","below":"60ms"}""", Outcome.Breached, 50)]
    [InlineData("""{"kind":"window","statistic":"error-rate","above":"5%"}""", Outcome.Breached, 10)]
    [InlineData("""{"kind":"window","statistic":"error-rate","above":"20%"}""", Outcome.Clear, 10)]
    [InlineData("""{"kind":"window","statistic":"throughput","above":"1/s","window":"1m"}""", Outcome.Breached, 1.667)]
    [InlineData("""{"kind":"window","statistic":"throughput","below":"1/s","window":"5m","groupBy":[]}""", Outcome.Breached, 0.333)]
    [InlineData("""{"kind":"window","statistic":"p50","above":"40ms","minimumSamples":101}""", Outcome.Unknown, 0)]
    public void A_window_is_judged_by_its_statistic(string json, Outcome expected, double observed)
    {
        Verdict verdict = Rule(json).Judge([Measured(Usual, failed: 10)]);
        Assert.Equal(expected, verdict.Outcome);
        Assert.Equal(observed, verdict.Observed, observed * 0.011);
    }

    [Fact]
    public void Nothing_at_all_is_less_than_a_lowest_throughput()
    {
        SeriesRule rule = Rule("""{"kind":"window","statistic":"throughput","below":"1/s","match":{"service":"shop"}}""");
        var groups = new SeriesGroups(rule, 1);

        Assert.Equal("shop", Assert.Single(groups.Keys).Service);
        Assert.Equal(Outcome.Breached, rule.Judge(groups.Of(rule.FixedGroup!)).Outcome);
    }

    [Theory]
    [InlineData(50, 50, Outcome.Clear)]
    [InlineData(120, 50, Outcome.Breached)]
    [InlineData(95, 50, Outcome.Near)]
    [InlineData(9, 3, Outcome.Clear)] // three times as much, and still nothing
    public void A_baseline_needs_the_factor_and_the_effect(double now, double before, Outcome expected) =>
        Assert.Equal(expected, Rule("""{"kind":"baseline","statistic":"p50","factor":2,"minimumEffect":"20ms"}""").Judge([Flat(now), Flat(before)]).Outcome);

    [Fact]
    public void A_baseline_without_enough_samples_before_says_nothing() =>
        Assert.Equal(Outcome.Unknown, Rule("""{"kind":"baseline"}""").Judge([Flat(500), new LatencyMeasures()]).Outcome);

    [Theory]
    [InlineData(100, Outcome.Clear)]
    [InlineData(148, Outcome.Near)]
    [InlineData(170, Outcome.Breached)]
    public void An_outlier_is_far_from_the_median_however_odd_a_few_windows_were(double now, Outcome expected)
    {
        // Median 100, median absolute deviation 10: scaled, 3.5 of them are 52, and sketches are off by 1 %. The two odd ones would move a mean and a standard deviation far away.
        double[] before = [90, 110, 90, 110, 100, 90, 110, 100, 5_000, 5_000, 90, 100];
        Verdict verdict = Rule("""{"kind":"outlier","statistic":"p50","minimumEffect":"20ms"}""").Judge([Flat(now), .. before.Select(Flat)]);

        Assert.Equal(expected, verdict.Outcome);
        Assert.Equal(152, verdict.Threshold, 8.0);
    }

    [Fact]
    public void An_outlier_needs_half_of_the_windows_before() =>
        Assert.Equal(Outcome.Unknown, Rule("""{"kind":"outlier"}""").Judge([Flat(500), .. Enumerable.Range(0, 12).Select(n => n < 5 ? Flat(100) : new LatencyMeasures())]).Outcome);

    [Theory]
    [InlineData(20, 20, 0, 0, Outcome.Breached)] // 2 % of an hour bad at 0.1 % allowed: 20 times as fast as allowed
    [InlineData(0, 20, 0, 5, Outcome.Clear)] // it was so, and is over
    [InlineData(20, 1, 0, 0, Outcome.Clear)] // a blip
    [InlineData(0, 0, 8, 8, Outcome.Breached)] // slow, but for six hours
    [InlineData(14, 14, 5, 5, Outcome.Near)]
    public void A_budget_burns_too_fast_in_a_long_and_in_a_short_window(int in5m, int in1h, int in30m, int in6h, Outcome expected)
    {
        SeriesRule rule = Rule("""{"kind":"burn-rate","objective":99.9}""");
        Assert.Equal([5, 60, 30, 360], rule.WindowsAt(End).Select(window => (int)(window.To - window.From).TotalMinutes));

        LatencyMeasures[] windows = [.. new[] { in5m, in1h, in30m, in6h }.Select(perMille => Measured(Enumerable.Repeat(10.0, 1_000), failed: perMille))];
        Assert.Equal(expected, rule.Judge(windows).Outcome);
    }

    [Fact]
    public void What_is_slower_than_the_objective_allows_is_bad()
    {
        SeriesRule rule = Rule("""{"kind":"burn-rate","objective":99,"latency":"300ms"}""");
        LatencyMeasures slow = Measured([.. Enumerable.Repeat(10.0, 800), .. Enumerable.Repeat(400.0, 200)], failed: 0);

        Verdict verdict = rule.Judge([slow, slow, slow, slow]);
        Assert.Equal((Outcome.Breached, "x"), (verdict.Outcome, verdict.Unit));
        Assert.Equal(20, verdict.Observed, 0.1);
    }

    [Fact]
    public void What_is_slow_and_failed_is_bad_once()
    {
        SeriesRule rule = Rule("""{"kind":"burn-rate","objective":90,"latency":"300ms","fastBurn":2,"slowBurn":2}""");

        // Of a hundred, ten are slow, five of them and five others failed: fifteen are bad.
        var measures = new LatencyMeasures();
        for (int n = 0; n < 100; n++)
        {
            measures.Add(n < 10 ? 400_000_000 : 10_000_000, failed: n is >= 5 and < 15, AdjustedCount.One);
        }

        Assert.Equal(1.5, rule.Judge([measures, measures, measures, measures]).Observed, 0.001);
    }

    [Theory]
    [InlineData("p95", 50)]
    [InlineData("error-rate", 1)]
    [InlineData("throughput", 1)]
    public void A_least_effect_that_is_not_named_fits_the_statistic(string statistic, double effect)
    {
        SeriesRule rule = Rule($$"""{"kind":"baseline","statistic":"{{statistic}}","minimumSamples":1,"window":"1m"}""");
        var nothing = new LatencyMeasures();
        nothing.Add(0, failed: false, AdjustedCount.Of(0.01));
        nothing = statistic == "throughput" ? nothing : Measured(Enumerable.Repeat(0.0, 10), failed: 0);
        Verdict verdict = (rule with { MinimumSamples = 0 }).Judge([Flat(10), nothing]);
        Assert.Equal(effect, verdict.Threshold, 0.01);
    }

    [Fact]
    public void An_operation_is_measured_without_the_ids_in_its_name()
    {
        SeriesRule rule = Rule("""{"kind":"window","above":1,"match":{"operation":"GET /orders/8f3c9a20"}}""");
        var groups = new SeriesGroups(rule, 1);
        groups.Add(0, new LatencySeries("a", "GET /orders/{id}", string.Empty, LatencyStep.Span), Flat(10));

        Assert.Equal("a, GET /orders/8f3c9a20", Assert.Single(groups.Keys).ToString());
    }

    [Fact]
    public void A_baseline_looks_at_the_same_window_before()
    {
        AlertWindow[] windows = [.. Rule("""{"kind":"baseline","against":"week","window":"10m"}""").WindowsAt(End)];
        Assert.Equal([new AlertWindow(End.AddMinutes(-10), End), new AlertWindow(End.AddDays(-7).AddMinutes(-10), End.AddDays(-7))], windows);
    }

    [Fact]
    public void Series_are_merged_by_what_the_rule_groups_by()
    {
        SeriesRule rule = Rule("""{"kind":"window","above":1,"groupBy":["service","environment"],"match":{"operation":"GET /"}}""");
        var groups = new SeriesGroups(rule, 1);
        foreach (string service in (string[])["a", "b"])
        {
            groups.Add(0, new LatencySeries(service, "GET /", "production", LatencyStep.Span), Flat(10));
            groups.Add(0, new LatencySeries(service, "GET /", "staging", LatencyStep.Span), Flat(10));
            groups.Add(0, new LatencySeries(service, "POST /", "production", LatencyStep.Span), Flat(10));
            groups.Add(0, new LatencySeries(service, "GET /", "production", LatencyStep.Trace), Flat(10));
        }

        Assert.Equal(["a, GET /, production", "a, GET /, staging", "b, GET /, production", "b, GET /, staging"], groups.Keys.Select(key => key.ToString()).Order(StringComparer.Ordinal));
        Assert.All(groups.Keys, key => Assert.Equal(100, groups.Of(key)[0].Count.Value));
    }

    [Property]
    public void Shards_merged_in_any_order_give_the_same_verdict(int[] durations, int seed)
    {
        SeriesRule rule = Rule("""{"kind":"window","statistic":"p99","above":"1ms","minimumSamples":1}""");
        var series = new LatencySeries("a", "b", string.Empty, LatencyStep.Span);
        (int Shard, int Micros)[] parts = [.. durations.Select((duration, n) => (n % 16, Math.Abs(duration % 5_000)))];
        Verdict Judge(IEnumerable<IGrouping<int, (int Shard, int Micros)>> shards)
        {
            var groups = new SeriesGroups(rule, 1);
            foreach (IGrouping<int, (int Shard, int Micros)> shard in shards)
            {
                groups.Add(0, series, Measured(shard.Select(part => part.Micros / 1e3), failed: 0));
            }

            return rule.Judge(groups.Of(new GroupKey { Service = "a" }));
        }

        IGrouping<int, (int Shard, int Micros)>[] shards = [.. parts.GroupBy(part => part.Shard)];
        IGrouping<int, (int Shard, int Micros)>[] shuffled = [.. shards];
        new Random(seed).Shuffle(shuffled);
        Assert.Equal(Judge(shards), Judge(shuffled));
    }

    private static SeriesRule Rule(string json)
    {
        (AlertRule? rule, IReadOnlyList<string> problems) = RuleDocument.Read(Encoding.UTF8.GetBytes(json), "r");
        Assert.Empty(problems);
        return (SeriesRule)rule!;
    }

    private static LatencyMeasures Flat(double ms) => Measured(Enumerable.Repeat(ms, 100), failed: 0);

    private static LatencyMeasures Measured(IEnumerable<double> durationsMs, int failed)
    {
        var measures = new LatencyMeasures();
        foreach (double ms in durationsMs)
        {
            measures.Add((long)(ms * 1e6), failed-- > 0, AdjustedCount.One);
        }

        return measures;
    }
}
