using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace ServerlessTrace.Core.Tests.Analysis;

public class CriticalPathTests
{
    private static TraceBuilder Root(double end = 100) => new TraceBuilder().Span(1, "s", "root", 0, end);

    [Fact]
    public void Touching_siblings_are_sequential() =>
        AssertPath(Root().Span(2, "s", "a", 10, 50, parent: 1).Span(3, "s", "b", 50, 90, parent: 1), "1 90-100", "3 50-90", "2 10-50", "1 0-10");

    [Fact]
    public void An_overlapping_sibling_ran_in_parallel() =>
        AssertPath(Root().Span(2, "s", "a", 10, 51, parent: 1).Span(3, "s", "b", 50, 90, parent: 1), "1 90-100", "3 50-90", "1 0-50");

    [Fact]
    public void Of_equal_ends_the_earlier_start_wins() =>
        AssertPath(Root().Span(2, "s", "a", 20, 90, parent: 1).Span(3, "s", "b", 10, 90, parent: 1), "1 90-100", "3 10-90", "1 0-10");

    [Fact]
    public void Of_equal_spans_the_lower_id_wins() =>
        AssertPath(Root().Span(3, "s", "a", 10, 90, parent: 1).Span(2, "s", "b", 10, 90, parent: 1), "1 90-100", "2 10-90", "1 0-10");

    [Fact]
    public void Children_that_outlive_their_parent_end_with_it() =>
        AssertPath(Root().Span(2, "s", "a", 20, 300, parent: 1).Span(3, "s", "b", -5, 10, parent: 1).Span(4, "s", "late", 100, 130, parent: 1), "2 20-100", "1 10-20", "3 0-10");

    [Fact]
    public void A_child_without_length_is_no_step() =>
        AssertPath(Root().Span(2, "s", "a", 50, 50, parent: 1).Span(3, "s", "b", 40, null, parent: 1), "1 0-100");

    [Fact]
    public void Nobody_waits_for_a_message_or_what_comes_of_it()
    {
        TraceBuilder builder = Root()
            .Span(2, "s", "send", 10, 80, parent: 1, kind: SpanKind.Producer)
            .Span(3, "t", "receive", 20, 70, parent: 2, kind: SpanKind.Consumer)
            .Span(4, "t", "work", 30, 60, parent: 3)
            .Span(5, "u", "later", 85, 95, parent: 1, flags: SpanFlags.FollowsFrom);

        AssertPath(builder, "1 80-100", "2 10-80", "1 0-10");
    }

    [Fact]
    public void An_open_root_has_no_path()
    {
        var path = new CriticalPath(new TraceBuilder().Span(1, "s", "root", 0, null).Span(2, "s", "a", 0, 5, parent: 1).Build());

        Assert.False(path.IsKnown);
        Assert.Equal(0, path.Sections.Length);
    }

    [Fact]
    public void Clock_noise_is_tolerated_only_when_asked_for()
    {
        TraceBuilder builder = Root(1000).Span(2, "s", "a", 100, 509, parent: 1).Span(3, "s", "b", 500, 900, parent: 1).Span(4, "s", "c", 50, 110, parent: 1);

        Assert.Equal(["1 900-1000", "3 500-900", "2 100-500", "1 0-100"], Describe(builder.Build(), CriticalPathMode.Tolerant));
    }

    [Fact]
    public void A_path_can_be_used_for_one_trace_after_another()
    {
        var path = new CriticalPath();
        path.Load(SampleTraces.FailedPayment(), CriticalPathMode.Strict);
        path.Load(Root().Build(), CriticalPathMode.Tolerant);

        Assert.Equal(CriticalPathMode.Tolerant, path.Mode);
        Assert.Equal(100_000_000, Assert.Single(path.Sections.ToArray()).Duration);
    }

    [Fact]
    public void A_million_children_of_one_parent_and_a_hundred_thousand_levels_are_no_matter_of_minutes()
    {
        TraceBuilder wide = new TraceBuilder().Span(1, "s", "root", 0, 1_000_000);
        for (ulong i = 0; i < 1_000_000; i++)
        {
            // Every second one runs in parallel to two others.
            wide.Span(i + 2, "s", "call", i, i + 1 + (i % 2), parent: 1);
        }

        var deep = new TraceBuilder();
        for (ulong i = 1; i <= 100_000; i++)
        {
            deep.Span(i, "s", "level", i, 300_000 - (double)i, parent: i - 1);
        }

        Trace wideTrace = wide.Build();
        Trace deepTrace = deep.Build();
        var watch = Stopwatch.StartNew();

        Assert.Equal(1_000_000_000_000, Sum(new CriticalPath(wideTrace)));
        Assert.Equal(199_999, new CriticalPath(deepTrace).Sections.Length);
        Assert.Equal(wideTrace.SpanCount, SelfTime.Of(wideTrace).Length);

        // Quadratic work would take minutes; this is no measurement.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    private static long Sum(CriticalPath path)
    {
        long sum = 0;
        foreach (CriticalPathSection section in path.Sections)
        {
            sum += section.Duration;
        }

        return sum;
    }

    private static void AssertPath(TraceBuilder builder, params string[] expected) =>
        Assert.Equal(expected, Describe(builder.Build(), CriticalPathMode.Strict));

    private static IEnumerable<string> Describe(Trace trace, CriticalPathMode mode) =>
        [.. new CriticalPath(trace, mode).Sections.ToArray().Select(section =>
            $"{trace[section.Span].SpanId.Value} {(section.Start - TraceBuilder.Epoch) / 1_000_000}-{(section.End - TraceBuilder.Epoch) / 1_000_000}")];
}
