using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Analysis;

public class InsightTests
{
    [Fact]
    public void The_bottleneck_and_the_slowest_service_hold_the_trace_up_longest()
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "api", "root", 0, 100)
            .Span(2, "db", "slow", 5, 75, parent: 1, kind: SpanKind.Client).With("db.system", "postgresql").Span(3, "cache", "get", 80, 90, parent: 1);

        Assert.Equal(70, Cost(builder, InsightKind.Bottleneck, 2));
        Assert.Equal(70, Cost(builder, InsightKind.SlowestService, 2));
        Assert.Contains("indexes", Find(builder, InsightKind.Bottleneck)!.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_that_nobody_waits_for_is_no_bottleneck()
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "api", "root", 0, 100)
            .Span(2, "api", "send", 10, 20, parent: 1, kind: SpanKind.Producer)
            .Span(3, "mail", "receive", 30, 9000, parent: 2, kind: SpanKind.Consumer);

        Assert.Equal(90, Cost(builder, InsightKind.Bottleneck, 1));
    }

    [Fact]
    public void A_retry_costs_from_the_first_try_to_the_last_one()
    {
        TraceBuilder helped = new TraceBuilder().Span(1, "api", "root", 0, 100)
            .Span(2, "bank", "charge", 10, 30, parent: 1).Failed("timeout").Span(3, "bank", "charge", 40, 60, parent: 1, status: SpanStatus.Ok);
        TraceBuilder failed = new TraceBuilder().Span(1, "api", "root", 0, 100)
            .Span(2, "bank", "charge", 10, 30, parent: 1).Failed("timeout").Span(3, "bank", "charge", 40, 60, parent: 1).Failed("timeout");

        Assert.Equal(30, Cost(helped, InsightKind.Retry, 2, 3));
        Assert.Contains("the last one succeeded", Find(helped, InsightKind.Retry)!.Text, StringComparison.Ordinal);
        Assert.Contains("2 failed, the last one failed too", Find(failed, InsightKind.Retry)!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Failures_that_look_the_same_are_one_insight_and_what_did_not_spread_has_no_consequences()
    {
        var builder = new TraceBuilder().Span(1, "api", "root", 0, 100);
        for (ulong i = 0; i < 4; i++)
        {
            builder.Span(2 + i, "cache", "get", 10 * i, (10 * i) + 5, parent: 1).Failed("deadline exceeded", "TIMEOUT");
        }

        Assert.Equal(20, Cost(builder, InsightKind.Error, 2, 3, 4, 5));
        Insight error = Find(builder, InsightKind.Error)!;
        Assert.Equal("cache: get failed 4 times: deadline exceeded. It did not spread.", error.Text);
        Assert.Contains("nothing above it failed", error.Recommendation, StringComparison.Ordinal);
        Assert.Equal("cache: get ran out of time 4 times, the longest after 5ms.", Find(builder, InsightKind.Timeout)!.Text);
    }

    [Fact]
    public void What_made_others_fail_comes_before_failures_that_did_not_spread()
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "api", "root", 0, 100).Failed("no answer")
            .Span(2, "cache", "get", 5, 10, parent: 1, status: SpanStatus.Ok).Span(3, "redis", "GET", 6, 7, parent: 2).Failed("moved")
            .Span(4, "bank", "charge", 20, 90, parent: 1).Failed("card declined");

        Insight[] errors = [.. new TraceAnalysis(builder.Build()).Insights.Where(static insight => insight.Kind == InsightKind.Error)];
        Assert.Equal(["bank: charge failed first: card declined.", "redis: GET failed: moved. It did not spread."], errors.Select(static insight => insight.Text));
    }

    [Fact]
    public void Calls_in_a_row_beside_the_critical_path_cost_nothing()
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "api", "root", 0, 100).Span(2, "api", "slow", 0, 100, parent: 1).Span(3, "api", "quick", 0, 90, parent: 1);
        for (ulong i = 0; i < 8; i++)
        {
            builder.Span(10 + i, "db", "SELECT", 10 * i, (10 * i) + 9, parent: 3);
        }

        Assert.Null(Find(builder, InsightKind.RepeatedCalls));
        Assert.Null(Find(builder, InsightKind.SerialCalls));
    }

    [Fact]
    public void Calls_at_the_same_time_are_no_retry() => Assert.Null(Find(
        new TraceBuilder().Span(1, "api", "root", 0, 100).Span(2, "bank", "charge", 10, 50, parent: 1).Failed("timeout").Span(3, "bank", "charge", 10, 60, parent: 1),
        InsightKind.Retry));

    [Fact]
    public void A_call_by_a_clock_that_differs_leaves_no_gap()
    {
        TraceBuilder skewed = new TraceBuilder().Span(1, "shop", "pay", 0, 100, kind: SpanKind.Client).Span(2, "bank", "charge", 510, 590, parent: 1, kind: SpanKind.Server);
        TraceBuilder right = new TraceBuilder().Span(1, "shop", "pay", 0, 100, kind: SpanKind.Client).Span(2, "bank", "charge", 80, 95, parent: 1, kind: SpanKind.Server);

        Assert.Null(Find(skewed, InsightKind.Gap));
        Assert.NotNull(Find(right, InsightKind.Gap));
    }

    [Fact]
    public void A_bottleneck_that_calls_by_another_clock_is_told_with_that_doubt()
    {
        TraceBuilder skewed = new TraceBuilder().Span(1, "shop", "pay", 0, 100, kind: SpanKind.Client).Span(2, "bank", "charge", 510, 590, parent: 1, kind: SpanKind.Server);

        Assert.Equal(
            "shop: pay itself accounts for 100ms (100% of the total time) by recorded times; what it calls has other clocks, so part of that may be theirs.",
            Find(skewed, InsightKind.Bottleneck)!.Text);
    }

    [Fact]
    public void A_dependency_that_is_called_from_everywhere_is_chatty()
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "shop", "page", 0, 1000);
        for (ulong i = 0; i < 24; i++)
        {
            builder.Span((2 * i) + 2, "shop", $"part {i}", 40 * i, (40 * i) + 38, parent: 1)
                .Span((2 * i) + 3, "shop", "GET", (40 * i) + 2, (40 * i) + 12, parent: (2 * i) + 2, kind: SpanKind.Client).With("db.system", "redis").With("db.namespace", "cache");
        }

        Assert.Equal(230, Cost(builder, InsightKind.ChattyDependency, [.. Enumerable.Range(0, 24).Select(static i => (2 * (ulong)i) + 3)]));
        Assert.Contains("shop calls redis/cache 24 times in this trace, which waits 240ms for it (24% of the total time)", Find(builder, InsightKind.ChattyDependency)!.Text, StringComparison.Ordinal);
        Assert.Null(Find(builder, InsightKind.SlowDependency));
    }

    [Fact]
    public void A_dependency_without_spans_that_takes_a_quarter_of_the_trace_is_slow()
    {
        TraceBuilder slow = new TraceBuilder().Span(1, "shop", "pay", 0, 100)
            .Span(2, "shop", "POST", 10, 60, parent: 1, kind: SpanKind.Client).With("peer.service", "stripe");
        TraceBuilder beside = new TraceBuilder().Span(1, "shop", "pay", 0, 100)
            .Span(2, "shop", "POST", 10, 60, parent: 1, kind: SpanKind.Client).With("peer.service", "stripe").Span(3, "shop", "work", 5, 95, parent: 1);

        Assert.Equal(50, Cost(slow, InsightKind.SlowDependency, 2));
        Assert.Contains("shop waits 50ms (50% of the total time) for stripe, in one call", Find(slow, InsightKind.SlowDependency)!.Text, StringComparison.Ordinal);
        Assert.Null(Find(beside, InsightKind.SlowDependency));
    }

    [Fact]
    public void The_same_call_many_times_in_a_row_could_be_one()
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "api", "list", 0, 100);
        for (ulong i = 0; i < 8; i++)
        {
            builder.Span(i + 2, "db", "select item", 10 * i, (10 * i) + 10, parent: 1);
        }

        Assert.Equal(70, Cost(builder, InsightKind.RepeatedCalls, 2, 3, 4, 5, 6, 7, 8, 9));
        Assert.Null(Find(builder, InsightKind.SerialCalls));
    }

    [Fact]
    public void Different_calls_in_a_row_could_run_at_the_same_time()
    {
        TraceBuilder serial = new TraceBuilder().Span(1, "api", "page", 0, 100).Span(2, "user", "get", 0, 40, parent: 1).Span(3, "shop", "get", 40, 90, parent: 1);
        TraceBuilder parallel = new TraceBuilder().Span(1, "api", "page", 0, 100).Span(2, "user", "get", 0, 40, parent: 1).Span(3, "shop", "get", 1, 90, parent: 1);

        Assert.Equal(40, Cost(serial, InsightKind.SerialCalls, 2, 3));
        Assert.Null(Find(parallel, InsightKind.SerialCalls));
    }

    [Fact]
    public void A_message_that_waits_is_said_to()
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "api", "send", 0, 10, kind: SpanKind.Producer).Span(2, "mail", "receive", 60, 100, parent: 1, kind: SpanKind.Consumer);

        Assert.Equal(50, Cost(builder, InsightKind.QueueWait, 1, 2));
    }

    [Fact]
    public void Time_between_calls_is_a_gap()
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "api", "root", 0, 100).Span(2, "db", "a", 0, 20, parent: 1).Span(3, "db", "b", 80, 100, parent: 1);

        Assert.Equal(60, Cost(builder, InsightKind.Gap, 1));
        Assert.Contains("at +20ms", Find(builder, InsightKind.Gap)!.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Payment gateway timeout after 5000ms", null)]
    [InlineData("", "DEADLINE_EXCEEDED")]
    [InlineData("the operation timed out", "E42")]
    public void A_failure_for_lack_of_time_is_a_timeout(string message, string? code)
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "api", "root", 0, 100).Span(2, "bank", "charge", 10, 60, parent: 1).Failed(message, code);

        Assert.Equal(50, Cost(builder, InsightKind.Timeout, 2));
        Assert.Contains("circuit breaker", Find(builder, InsightKind.Timeout)!.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("faas.coldstart")]
    [InlineData("cold_start")]
    [InlineData("coldStart")]
    public void A_function_that_says_so_started_cold(string key)
    {
        TraceBuilder cold = new TraceBuilder().Span(1, "api", "call", 0, 900, kind: SpanKind.Client)
            .Span(2, "resize", "handle", 800, 890, parent: 1, kind: SpanKind.Server).With(key, "true");
        TraceBuilder warm = new TraceBuilder().Span(1, "resize", "handle", 0, 90, kind: SpanKind.Server).With(key, "false");

        Assert.Equal(800, Cost(cold, InsightKind.ColdStart, 2));
        Assert.Contains("started cold, 800ms after it was called", Find(cold, InsightKind.ColdStart)!.Text, StringComparison.Ordinal);
        Assert.Null(Find(warm, InsightKind.ColdStart));
    }

    private static Insight? Find(TraceBuilder builder, string kind) => new TraceAnalysis(builder.Build()).Insights.SingleOrDefault(insight => insight.Kind == kind);

    /// <summary>The cost in ms of an insight that is about exactly these spans.</summary>
    private static double Cost(TraceBuilder builder, string kind, params ulong[] spans)
    {
        var analysis = new TraceAnalysis(builder.Build());
        Insight insight = Assert.Single(analysis.Insights, insight => insight.Kind == kind);
        Assert.Equal(spans, insight.Spans.Select(span => analysis.Trace[span].SpanId.Value));
        return insight.CostNano / 1e6;
    }
}
