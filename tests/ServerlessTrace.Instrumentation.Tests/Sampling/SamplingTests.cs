using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry;
using OpenTelemetry.Trace;
using ServerlessTrace.Instrumentation.Sampling;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Tests.Sampling;

public sealed class SamplingTests
{
    [Theory]
    [InlineData(1.0, "ot=th:0")]
    [InlineData(0.5, "ot=th:8")]
    [InlineData(0.25, "ot=th:c")]
    [InlineData(0.1, "ot=th:e6666666666666")]
    public void A_sampled_trace_says_its_threshold(double ratio, string state)
    {
        SamplingResult result = new ConsistentProbabilitySampler(ratio).ShouldSample(Span("0000000000000000ffffffffffffffff"));

        Assert.Equal((SamplingDecision.RecordAndSample, state), (result.Decision, result.TraceStateString));
    }

    [Theory]
    [InlineData("000000000000000000e6666666666665", SamplingDecision.Drop)]
    [InlineData("000000000000000000e6666666666666", SamplingDecision.RecordAndSample)]
    [InlineData("ffffffffffffffffff00000000000000", SamplingDecision.Drop)]
    public void The_last_56_bits_of_the_id_decide(string trace, SamplingDecision decision) =>
        Assert.Equal(decision, new ConsistentProbabilitySampler(0.1).ShouldSample(Span(trace)).Decision);

    [Fact]
    public void Explicit_randomness_decides_before_the_id_and_what_others_wrote_stays()
    {
        const string state = "congo=t61,ot=rv:ffffffffffffff;p:8;th:0,foo=1";
        SamplingResult result = new ConsistentProbabilitySampler(0.25).ShouldSample(Span("00000000000000000000000000000001", state));

        Assert.Equal(SamplingDecision.RecordAndSample, result.Decision);
        Assert.Equal("ot=th:c;rv:ffffffffffffff;p:8,congo=t61,foo=1", result.TraceStateString);
    }

    [Theory]
    [InlineData("ot=th:xyz", "")]
    [InlineData("ot=rv:123", "")]
    [InlineData("ot=th:0123456789abcdef", "")]
    [InlineData("ot=th:C", "")]
    [InlineData("ot=", "")]
    [InlineData("foo=1", "foo=1")]
    public void Broken_state_of_ours_is_as_if_it_were_not_there(string state, string passed) =>
        Assert.Equal(passed, new ConsistentProbabilitySampler(0).ShouldSample(Span("00000000000000000000000000000001", state)).TraceStateString);

    [Fact]
    public void State_that_is_full_loses_its_oldest_member()
    {
        string full = string.Join(',', Enumerable.Range(0, 32).Select(i => $"k{i}=v"));

        string state = new ConsistentProbabilitySampler(1).ShouldSample(Span("000000000000000000ffffffffffffff", full)).TraceStateString!;

        Assert.Equal(32, state.Split(',').Length);
        Assert.StartsWith("ot=th:0,k0=v,", state, StringComparison.Ordinal);
        Assert.DoesNotContain("k31", state, StringComparison.Ordinal);
    }

    [Property]
    public Property Services_with_different_shares_keep_the_same_traces() => Prop.ForAll(
        Gen.Zip(Gen.Choose(0, 1_000), Gen.Choose(0, 1_000)).ToArbitrary(),
        shares =>
        {
            var trace = ActivityTraceId.CreateRandom();
            var smaller = new ConsistentProbabilitySampler(Math.Min(shares.Item1, shares.Item2) / 1_000.0);
            var larger = new ConsistentProbabilitySampler(Math.Max(shares.Item1, shares.Item2) / 1_000.0);
            return smaller.ShouldSample(Span(trace.ToHexString())).Decision != SamplingDecision.RecordAndSample
                || larger.ShouldSample(Span(trace.ToHexString())).Decision == SamplingDecision.RecordAndSample;
        });

    [Fact]
    public void A_share_of_random_ids_is_that_share()
    {
        var sampler = new ConsistentProbabilitySampler(0.2);

        int sampled = Enumerable.Range(0, 20_000).Count(_ => sampler.ShouldSample(Span(ActivityTraceId.CreateRandom().ToHexString())).Decision == SamplingDecision.RecordAndSample);

        // 4,000 expected, 57 is a standard deviation.
        Assert.InRange(sampled, 3_600, 4_400);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_parents_decision_counts_before_any_share(bool sampled)
    {
        var parent = new ActivityContext(
            ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), sampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, isRemote: true);
        SamplingDecision expected = sampled ? SamplingDecision.RecordAndSample : SamplingDecision.Drop;

        foreach (Sampler sampler in new[] { TraceSamplers.ParentBasedRatio(sampled ? 0 : 1), TraceSamplers.ParentBasedConsistent(sampled ? 0 : 1) })
        {
            Assert.Equal(expected, sampler.ShouldSample(new SamplingParameters(parent, parent.TraceId, "x", ActivityKind.Server)).Decision);
        }
    }

    [Fact]
    public void The_threshold_of_a_root_is_on_every_span_below_it()
    {
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder().AddSource(WorkSource.Name).SetSampler(TraceSamplers.ParentBasedConsistent(1)).Build();

        using ContinuedWork root = WorkContext.Continue(default, "root");
        using ContinuedWork child = WorkContext.Continue(WorkContext.Current, "child");

        Assert.Equal(("ot=th:0", "ot=th:0"), (root.Span!.TraceStateString, child.Span!.TraceStateString));
    }

    [Fact]
    public void A_rate_is_kept_over_time_after_a_burst()
    {
        var clock = new FakeTimeProvider();
        var sampler = new RateLimitingSampler(2, clock);
        int Sampled(int spans) => Enumerable.Range(0, spans).Count(_ => sampler.ShouldSample(Span(Contexts.Trace)).Decision == SamplingDecision.RecordAndSample);

        Assert.Equal(2, Sampled(100));
        clock.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(1, Sampled(100));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, Sampled(100));
    }

    [Fact]
    public void The_first_rule_that_matches_decides()
    {
        var sampler = new RuleSampler(
            [
                new SamplingRule(new AlwaysOffSampler()) { Route = "/health*" },
                new SamplingRule(new AlwaysOnSampler()) { Route = "/payments/*", Kind = ActivityKind.Server },
                new SamplingRule(new AlwaysOnSampler()) { Name = "nightly *" },
            ],
            new AlwaysOffSampler());
        SamplingDecision Decide(string name, string path, ActivityKind kind = ActivityKind.Server) => sampler.ShouldSample(
            new SamplingParameters(default, ActivityTraceId.CreateRandom(), name, kind, [new("url.path", path)])).Decision;

        Assert.Equal(SamplingDecision.Drop, Decide("GET", "/healthz"));
        Assert.Equal(SamplingDecision.RecordAndSample, Decide("POST", "/payments/7"));
        Assert.Equal(SamplingDecision.Drop, Decide("POST", "/payments/7", ActivityKind.Client));
        Assert.Equal(SamplingDecision.RecordAndSample, Decide("nightly report", "/"));
        Assert.Equal(SamplingDecision.Drop, Decide("GET", "/"));
    }

    [Theory]
    [InlineData("fine", 0)]
    [InlineData("failed", 3)]
    [InlineData("wanted", 3)]
    public void An_undecided_trace_is_kept_whole_if_it_turns_out_to_be_worth_it(string outcome, int expected)
    {
        List<Activity> kept = [];
        using TracerProvider provider = Deferred(kept, new DeferredSamplingOptions { Keep = span => (string?)span.GetTagItem("customer") == "vip", KeepSlowerThan = TimeSpan.FromMinutes(5) });

        using (WorkContext.Continue(default, "root"))
        {
            using (ContinuedWork child = WorkContext.Continue(WorkContext.Current, "child"))
            {
                if (outcome == "failed")
                {
                    child.Fail(new InvalidOperationException("broken"));
                }
                else if (outcome == "wanted")
                {
                    child.Span!.SetTag("customer", "vip");
                }
            }

            using ContinuedWork last = WorkContext.Continue(WorkContext.Current, "last");
        }

        Assert.Equal(expected, kept.Count);
        Assert.All(kept, span => Assert.True(span.Recorded));
    }

    [Fact]
    public void A_slow_trace_is_kept()
    {
        List<Activity> kept = [];
        using TracerProvider provider = Deferred(kept, new DeferredSamplingOptions { KeepSlowerThan = TimeSpan.Zero });

        using (WorkContext.Continue(default, "root"))
        {
        }

        Assert.Single(kept);
    }

    [Fact]
    public void No_more_than_so_many_traces_and_spans_are_held()
    {
        List<Activity> kept = [];
        using TracerProvider provider = Deferred(kept, new DeferredSamplingOptions { MaxTraces = 1, MaxSpansPerTrace = 2 });

        using (ContinuedWork first = WorkContext.Continue(default, "first"))
        {
            for (int i = 0; i < 10; i++)
            {
                using ContinuedWork child = WorkContext.Continue(WorkContext.Current, "child");
                child.Fail(new InvalidOperationException("broken"));
            }

            Activity.Current = null;
            using ContinuedWork second = WorkContext.Continue(default, "second");
            second.Fail(new InvalidOperationException("broken"));
        }

        Assert.Equal(["child", "child", "first"], kept.Select(span => span.DisplayName));
    }

    [Fact]
    public void What_the_sampler_chose_is_not_held()
    {
        List<Activity> kept = [];
        using TracerProvider provider = Deferred(kept, new DeferredSamplingOptions(), new AlwaysOnSampler());
        using ContinuedWork root = WorkContext.Continue(default, "root");
        using (WorkContext.Continue(WorkContext.Current, "child"))
        {
        }

        Assert.Equal("child", Assert.Single(kept).DisplayName);
    }

    private static TracerProvider Deferred(List<Activity> kept, DeferredSamplingOptions options, Sampler? sampler = null) => Sdk.CreateTracerProviderBuilder()
        .AddSource(WorkSource.Name)
        .SetSampler(DeferredSampling.Undecided(sampler ?? new ParentBasedSampler(new AlwaysOffSampler())))
        .AddProcessor(new DeferredSampling(new Collecting(kept), options))
        .Build();

    private static SamplingParameters Span(string trace, string? state = null) => new(
        new ActivityContext(ActivityTraceId.CreateFromString(trace), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None, state, isRemote: true),
        ActivityTraceId.CreateFromString(trace), "span", ActivityKind.Server);

    private sealed class Collecting(List<Activity> kept) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => kept.Add(data);
    }
}
