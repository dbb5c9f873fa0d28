using FsCheck.Xunit;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Analysis;

public class SpanSlackTests
{
    [Fact]
    public void Of_two_calls_at_the_same_time_the_longer_one_saves_no_more_than_the_difference()
    {
        Trace trace = new TraceBuilder().Span(1, "api", "page", 0, 100)
            .Span(2, "user", "get", 10, 90, parent: 1).Span(3, "shop", "get", 10, 60, parent: 1).Span(4, "db", "query", 20, 80, parent: 2).Build();

        Assert.Equal([(1, 0, 100), (2, 0, 30), (3, 30, 0), (4, 0, 30)], Measured(trace));
    }

    [Fact]
    public void What_comes_one_after_another_saves_all_it_takes()
    {
        Trace trace = new TraceBuilder().Span(1, "api", "page", 0, 100).Span(2, "user", "get", 10, 40, parent: 1).Span(3, "shop", "get", 50, 90, parent: 1).Build();

        Assert.Equal([(1, 0, 100), (2, 0, 30), (3, 0, 40)], Measured(trace));
    }

    [Fact]
    public void Nobody_waits_for_a_message_to_be_handled()
    {
        Trace trace = new TraceBuilder().Span(1, "api", "send", 0, 10, kind: SpanKind.Producer)
            .Span(2, "mail", "receive", 2, 8, parent: 1, kind: SpanKind.Consumer).Span(3, "mail", "render", 3, 7, parent: 2).Build();

        Assert.Equal([(1, 0, 10), (2, -1, 0), (3, -1, 0)], Measured(trace));
    }

    [Property(MaxTest = 500)]
    public void Drag_is_what_a_replay_saves_in_which_the_span_takes_no_time(int seed)
    {
        Trace trace = RandomTrace(seed);
        var slack = new SpanSlack(trace);
        for (int span = 0; span < trace.SpanCount; span++)
        {
            if (slack.Slack[span] >= 0)
            {
                Assert.Equal(trace[trace.Root].Duration - Replay(trace, span, -1, 0), slack.Drag[span]);
            }
        }
    }

    [Property(MaxTest = 500)]
    public void A_span_may_take_longer_by_its_slack_and_not_by_more(int seed)
    {
        Trace trace = RandomTrace(seed);
        var slack = new SpanSlack(trace);
        for (int span = 0; span < trace.SpanCount; span++)
        {
            if (slack.Slack[span] >= 0)
            {
                Assert.Equal(trace[trace.Root].Duration, Replay(trace, -1, span, slack.Slack[span]));
                Assert.Equal(trace[trace.Root].Duration + 5, Replay(trace, -1, span, slack.Slack[span] + 5));
            }
        }
    }

    [Property(MaxTest = 300)]
    public void No_span_of_the_critical_path_has_slack(int seed)
    {
        Trace trace = RandomTrace(seed);
        var slack = new SpanSlack(trace);
        foreach (CriticalPathSection section in new CriticalPath(trace).Sections)
        {
            Assert.Equal(0, slack.Slack[section.Span]);
        }
    }

    [Fact]
    public void A_long_chain_and_a_wide_fan_are_measured()
    {
        TraceBuilder deep = new();
        TraceBuilder wide = new TraceBuilder().Span(1, "api", "root", 0, 200_000);
        for (ulong i = 1; i <= 20_000; i++)
        {
            deep.Span(i, "api", "level", i, 50_000 - i, parent: i - 1);
            wide.Span(i + 1, "api", "child", i, i + 50_000, parent: 1);
        }

        Assert.All(new SpanSlack(deep.Build()).Slack.ToArray(), static slack => Assert.Equal(0, slack));
        Assert.Single(new SpanSlack(wide.Build()).Slack.ToArray()[1..], static slack => slack == 0);
    }

    private static Trace RandomTrace(int seed)
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> ranges) = RandomParts.Merge(new RandomParts(seed).Parts(40));
        return new Trace(batch, ranges[0]);
    }

    private static (int Id, long SlackMs, long DragMs)[] Measured(Trace trace)
    {
        var slack = new SpanSlack(trace);
        long[] slacks = slack.Slack.ToArray();
        long[] drags = slack.Drag.ToArray();
        return [.. Enumerable.Range(0, trace.SpanCount).Select(span => ((int)trace[span].SpanId.Value, Ms(slacks[span]), Ms(drags[span]))).Order()];
    }

    private static long Ms(long nano) => nano < 0 ? nano : nano / 1_000_000;

    /// <summary>How long the root takes in a replay in which one span takes no time and another one longer than it did: by the definition, with recursion.</summary>
    private static long Replay(Trace trace, int gone, int slower, long by)
    {
        return Length(trace.Root, trace[trace.Root].Start, trace[trace.Root].End);

        long Length(int span, long start, long end)
        {
            if (span == gone)
            {
                return 0;
            }

            List<(int Span, long Start, long End)> children =
            [
                .. Enumerable.Range(0, trace.SpanCount).Where(child => trace.Parents[child] == span && !IsAsynchronous(trace, child))
                    .Select(child => (child, Math.Max(start, trace[child].Start), Math.Min(end, trace[child].End)))
                    .Where(static child => child.Item2 < child.Item3).OrderBy(static child => child.Item2),
            ];
            long extra = span == slower ? by : 0;
            if (children.Count == 0)
            {
                return end - start + extra;
            }

            // Siblings that end before this one starts start before it, too.
            var ends = new Dictionary<int, long>();
            foreach ((int child, long from, long to) in children)
            {
                var before = children.Where(other => other.End <= from).ToList();
                long lag = from - (before.Count == 0 ? start : before.Max(static other => other.End));
                long begin = (before.Count == 0 ? 0 : before.Max(other => ends[other.Span])) + lag;
                ends[child] = begin + Length(child, from, to);
            }

            return ends.Values.Max() + (end - children.Max(static child => child.End)) + extra;
        }
    }

    private static bool IsAsynchronous(Trace trace, int child)
    {
        SpanRecord parent = trace[trace.Parents[child]];
        return trace[child].Flags.HasFlag(SpanFlags.FollowsFrom) || (parent.Kind, trace[child].Kind) == (SpanKind.Producer, SpanKind.Consumer);
    }
}
