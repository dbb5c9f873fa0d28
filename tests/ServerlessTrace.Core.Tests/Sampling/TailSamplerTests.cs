using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Sampling;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Sampling;

/// <summary>Which traces are kept, and that what is kept counts for what is not.</summary>
public class TailSamplerTests
{
    private static Trace New(TraceId id, double ms = 10, bool fails = false, string service = "shop", string name = "pay", string traceState = "", params (string, double)[] attributes)
    {
        TraceBuilder builder = new TraceBuilder(id).Span(1, service, name, 0, ms, kind: SpanKind.Server);
        builder.Batch[0].TraceState = builder.Batch.Strings.Add(traceState);
        builder = fails ? builder.Failed("no") : builder;
        foreach ((string key, double value) in attributes)
        {
            builder.With(key, value);
        }

        return builder.Build();
    }

    private static TraceId Random(Random random) => new((ulong)random.NextInt64(), (ulong)random.NextInt64());

    [Fact]
    public void By_default_everything_is_kept_and_stands_for_itself()
    {
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            SamplingDecision decision = new TailSampler(new SamplingOptions()).Decide(New(Random(random)), isRuleHit: false);
            Assert.True(decision.IsKept);
            Assert.Equal(1, decision.Count.Value);
        }
    }

    [Fact]
    public void Errors_slow_traces_and_hits_of_rules_are_kept_and_stand_for_themselves()
    {
        var sampler = new TailSampler(new SamplingOptions { Rate = 0.000_001, RareKept = 0 });
        var random = new Random(2);
        for (int i = 0; i < 50; i++)
        {
            TraceId id = Random(random);
            Assert.False(sampler.Decide(New(id), isRuleHit: false).IsKept);
            Assert.All(
                [sampler.Decide(New(id, fails: true), false), sampler.Decide(New(id, ms: 5_000), false), sampler.Decide(New(id), true)],
                decision => Assert.Equal((true, 1d), (decision.IsKept, decision.Count.Value)));
        }
    }

    [Fact]
    public void Who_keeps_less_keeps_a_subset_and_everybody_decides_the_same()
    {
        var random = new Random(3);
        for (int i = 0; i < 500; i++)
        {
            Trace trace = New(Random(random));
            bool[] kept = [.. new[] { 0.5, 0.2, 0.1 }.Select(rate => new TailSampler(new SamplingOptions { Rate = rate, RareKept = 0 }).Decide(trace, false).IsKept)];
            Assert.Equal(kept.OrderDescending(), kept);
            Assert.Equal(kept[1], new TailSampler(new SamplingOptions { Rate = 0.2, RareKept = 0 }).Decide(trace, false).IsKept);
        }
    }

    [Property(MaxTest = 30)]
    public Property Adjusted_counts_are_unbiased()
    {
        Gen<(int, int, int, int, int)> cases = Gen.Choose(1, 100).SelectMany(percent => Gen.Choose(0, 30).SelectMany(rare => Gen.Choose(0, 1).SelectMany(limited =>
            Gen.Choose(0, 20).SelectMany(errors => Gen.Choose(1, int.MaxValue).Select(seed => (percent, rare, limited, errors, seed))))));
        return Prop.ForAll(cases.ToArbitrary(), given =>
        {
            (int percent, int rare, int limited, int errors, int seed) = given;
            var options = new SamplingOptions { Rate = percent / 100d, RareKept = rare, ServiceLimit = limited * 400 };
            var random = new Random(seed);
            const int Traces = 3_000;
            Trace[] traces = [.. Enumerable.Range(0, Traces).Select(i => New(Random(random), fails: random.Next(100) < errors, name: i % 50 == 0 ? "rare" : "pay"))];
            var sampler = new TailSampler(options);
            Array.ForEach(traces, sampler.Count);
            SamplingDecision[] kept = [.. traces.Select(trace => sampler.Decide(trace, false)).Where(decision => decision.IsKept)];
            double estimate = kept.Sum(decision => decision.Count.Value);

            // Var = sum of (1/p - 1) over what is not always kept; five standard deviations, and half a trace for rounding.
            double deviation = Math.Sqrt(kept.Sum(decision => decision.Count.Value * (decision.Count.Value - 1)));
            double worst = Math.Sqrt(Traces * (100d / percent));
            return Math.Abs(estimate - Traces) <= (5 * Math.Max(deviation, Math.Min(worst, Traces))) + 2;
        });
    }

    [Fact]
    public void Counts_are_right_to_a_percent_over_many_traces()
    {
        var random = new Random(5);
        var sampler = new TailSampler(new SamplingOptions { Rate = 0.1, RareKept = 0 });
        double estimate = Enumerable.Range(0, 200_000).Select(_ => sampler.Decide(Ordinary(random), false)).Where(decision => decision.IsKept).Sum(decision => decision.Count.Value);

        // One standard deviation is 0.7 %.
        Assert.InRange(estimate, 196_000, 204_000);
    }

    [Fact]
    public void A_rare_operation_is_kept_and_a_service_is_limited()
    {
        var random = new Random(6);
        var sampler = new TailSampler(new SamplingOptions { Rate = 0.5, RareKept = 2, ServiceLimit = 100 });
        Trace[] many = [.. Enumerable.Range(0, 5_000).Select(_ => New(Random(random)))];
        Trace rare = New(Random(random), name: "refund");
        Array.ForEach([.. many, rare], sampler.Count);

        Assert.Equal((true, 1d), (sampler.Decide(rare, false).IsKept, sampler.Decide(rare, false).Count.Value));
        Assert.InRange(many.Count(trace => sampler.Decide(trace, false).IsKept), 50, 160);
    }

    [Theory]
    [InlineData("ot=th:8", 2)]
    [InlineData("ot=th:c", 4)]
    [InlineData("vendor=x, ot=rv:ffffffffffffff;th:fd70a4", 100)]
    [InlineData("ot=th:0", 1)]
    [InlineData("ot=th:zz", 1)]
    [InlineData("ot=", 1)]
    public void Sampling_by_the_sender_counts_for_what_it_left_out(string traceState, double expected) =>
        Assert.Equal(expected, new TailSampler(new SamplingOptions()).Decide(New(new TraceId(1, 2), traceState: traceState), false).Count.Value, 0.01);

    [Theory]
    [InlineData("sampling.probability", 0.25, 4)]
    [InlineData("SampleRate", 20, 20)]
    [InlineData("itemCount", 3, 3)]
    [InlineData("sampling.probability", 0, 1)]
    [InlineData("sampling.probability", -5, 1)]
    [InlineData("sampling.probability", double.NaN, 1)]
    public void Attributes_that_say_so_count_too(string key, double value, double expected) =>
        Assert.Equal(expected, new TailSampler(new SamplingOptions()).Decide(New(new TraceId(1, 2), attributes: (key, value)), false).Count.Value);

    [Fact]
    public void Consistent_head_sampling_and_ours_are_one_decision_not_two()
    {
        var random = new Random(7);
        var sampler = new TailSampler(new SamplingOptions { Rate = 0.25, RareKept = 0 });
        double estimate = 0;
        int arrived = 0;
        for (int i = 0; i < 40_000; i++)
        {
            var id = new TraceId((ulong)random.NextInt64(), (ulong)random.NextInt64());

            // The sender kept half of them by the same bits.
            if ((id.Low & 0xffffffffffffff) >= 0x80000000000000)
            {
                arrived++;
                SamplingDecision decision = sampler.Decide(New(id, traceState: "ot=th:8"), false);
                estimate += decision.IsKept ? decision.Count.Value : 0;
                Assert.Equal(4, decision.Count.Value);
            }
        }

        Assert.InRange(arrived, 19_000, 21_000);
        Assert.InRange(estimate, 38_000, 42_000);
    }

    private static readonly SpanBatch Batch = new();

    private static Trace Ordinary(Random random)
    {
        Batch.Clear();
        ref SpanRecord span = ref Batch.AddSpan();
        (span.TraceId, span.SpanId, span.Flags) = (Random(random), new SpanId(1), SpanFlags.Started | SpanFlags.Ended);
        (span.StartUnixNano, span.EndUnixNano) = (TraceBuilder.Epoch, TraceBuilder.Epoch + 1_000_000);
        return new Trace(Batch, new SpanMerger().Merge(Batch)[0]);
    }
}
