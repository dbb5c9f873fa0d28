using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace ServerlessTrace.Core.Tests.Assembly;

public class SpanMergerTests
{
    [Fact]
    public void A_start_and_an_end_become_one_span()
    {
        Trace trace = new TraceBuilder()
            .End(1, "api", "op", 123, duration: 123, status: SpanStatus.Error)
            .Span(1, "api", "op", 0, null, kind: SpanKind.Server)
            .Build();

        Assert.Equal(1, trace.SpanCount);
        Assert.Equal(123_000_000, trace[0].Duration);
        Assert.Equal(SpanKind.Server, trace[0].Kind);
        Assert.Equal(TraceStatus.Error, trace.Status);
    }

    [Fact]
    public void An_end_without_a_start_starts_its_duration_earlier()
    {
        Trace trace = new TraceBuilder().End(1, "api", "op", 100, duration: 40).Build();

        Assert.Equal(TraceBuilder.Epoch + 60_000_000, trace.Start);
        Assert.Empty(TraceWarnings.Of(trace));
    }

    [Fact]
    public void A_start_without_an_end_leaves_the_trace_incomplete()
    {
        Trace trace = new TraceBuilder().Span(1, "api", "op", 0, null).Build();

        Assert.Equal(TraceStatus.Incomplete, trace.Status);
        Assert.Equal("open-span", Assert.Single(TraceWarnings.Of(trace)).Kind);
    }

    [Fact]
    public void Records_that_contradict_each_other_are_kept_with_a_warning()
    {
        Trace trace = new TraceBuilder().Span(1, "api", "op", 0, 10, parent: 7).Span(1, "db", "op", 0, 10, parent: 8).Build();

        Assert.Equal(1, trace.SpanCount);
        Assert.Contains(TraceWarnings.Of(trace), static warning => warning.Kind == "contradiction");
    }

    [Fact]
    public void A_cycle_is_cut_and_never_beats_a_true_root()
    {
        Trace trace = new TraceBuilder()
            .Span(1, "a", "one", 0, 10, parent: 2).Span(2, "a", "two", 1, 9, parent: 1)
            .Span(3, "b", "root", 5, 8)
            .Build();

        Assert.Equal("root", trace.Batch.Text(trace[trace.Root].Name));
        Assert.Equal(1, trace.CycleCount);
        Assert.Contains(TraceWarnings.Of(trace), static warning => warning.Kind == "cycle");
    }

    [Fact]
    public void A_span_that_is_its_own_parent_is_a_root()
    {
        Trace trace = new TraceBuilder().Span(1, "a", "one", 0, 10, parent: 1).Build();

        Assert.Equal(0, trace.Root);
        Assert.Equal(-1, trace.Parents[0]);
    }

    [Fact]
    public void A_missing_parent_makes_a_root_with_a_warning()
    {
        Trace trace = new TraceBuilder().Span(1, "a", "one", 0, 10, parent: 99).Build();

        Assert.Equal(0, trace.Root);
        Assert.Equal("missing-parent", Assert.Single(TraceWarnings.Of(trace)).Kind);
    }

    [Fact]
    public void A_hundred_thousand_levels_and_a_cycle_as_long_are_no_matter_of_minutes()
    {
        var watch = Stopwatch.StartNew();
        var deep = new TraceBuilder();
        var cycle = new TraceBuilder();
        for (ulong i = 1; i <= 100_000; i++)
        {
            deep.Span(i, "a", "op", i, 200_000, parent: i - 1);
            cycle.Span(i, "a", "op", i, 200_000, parent: i == 1 ? 100_000 : i - 1);
        }

        Assert.Equal(1, deep.Build().RootCount);
        Assert.Equal(1, cycle.Build().CycleCount);

        // Quadratic work would take minutes; this is no measurement.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }
}
