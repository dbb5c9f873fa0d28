using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Analysis;

public class SpanErrorTests
{
    [Fact]
    public void The_deepest_first_failure_on_the_failing_path_is_the_root_cause()
    {
        TraceAnalysis analysis = Analyse(new TraceBuilder()
            .Span(1, "api", "root", 0, 100).Failed("internal error")
            .Span(2, "pay", "pay", 10, 90, parent: 1).Failed("upstream failed")
            .Span(3, "bank", "charge", 20, 40, parent: 2).Failed("card declined", "DECLINED")
            .Span(4, "mail", "mail", 50, 80, parent: 2).Failed("mailbox full"));

        Assert.Equal("3* 4 2 1", Describe(analysis));
        Assert.Equal(("DECLINED", "card declined"), (analysis.RootCause!.Code, analysis.RootCause.Message));
    }

    [Fact]
    public void A_failure_that_a_retry_made_up_for_did_not_fail_the_request()
    {
        TraceAnalysis analysis = Analyse(new TraceBuilder()
            .Span(1, "api", "root", 0, 100).Failed("internal error")
            .Span(2, "bank", "charge", 10, 20, parent: 1).Failed("timeout")
            .Span(3, "bank", "charge", 30, 40, parent: 1, status: SpanStatus.Ok)
            .Span(4, "stock", "reserve", 50, 60, parent: 1).Failed("out of stock"));

        Assert.Equal("2 4* 1", Describe(analysis));
        Assert.True(analysis.Errors[0].IsRecovered);
    }

    [Fact]
    public void A_failure_passes_through_spans_that_say_nothing_and_stops_at_those_that_say_ok()
    {
        TraceBuilder unset = new TraceBuilder().Span(1, "api", "root", 0, 100).Failed("x").Span(2, "api", "call", 1, 99, parent: 1).Span(3, "db", "query", 2, 50, parent: 2).Failed("y");
        TraceBuilder ok = new TraceBuilder().Span(1, "api", "root", 0, 100).Failed("x").Span(2, "api", "call", 1, 99, parent: 1, status: SpanStatus.Ok).Span(3, "db", "query", 2, 50, parent: 2).Failed("y");

        Assert.Equal("3* 1", Describe(Analyse(unset)));
        Assert.Equal("3* 1*", Describe(Analyse(ok)));
        Assert.Equal("x", Analyse(ok).RootCause!.Message);
    }

    [Fact]
    public void A_failed_consumer_does_not_explain_a_failed_producer()
    {
        TraceAnalysis analysis = Analyse(new TraceBuilder()
            .Span(1, "api", "send", 0, 100, kind: SpanKind.Producer).Failed("broker gone")
            .Span(2, "mail", "receive", 10, 20, parent: 1, kind: SpanKind.Consumer).Failed("mailbox full"));

        Assert.Equal("2* 1*", Describe(analysis));
        Assert.Equal("broker gone", analysis.RootCause!.Message);
    }

    [Theory]
    [InlineData("error_code", "error_message", "stack_trace")]
    [InlineData("errorCode", "errorMessage", "stackTrace")]
    [InlineData("exception.type", "exception.message", "exception.stacktrace")]
    [InlineData("error.type", "error.message", "error.stack")]
    public void Code_message_and_stack_are_found_under_many_names(string code, string message, string stack)
    {
        TraceAnalysis onSpan = Analyse(new TraceBuilder().Span(1, "a", "op", 0, 1).Failed().With(code, "E1").With(message, "broken").With(stack, "at x"));
        TraceAnalysis onEvent = Analyse(new TraceBuilder().Span(1, "a", "op", 0, 1).Failed().Event("exception", 1, (code, "E1"), (message, "broken"), (stack, "at x")));

        Assert.All([onSpan, onEvent], static analysis =>
            Assert.Equal(("E1", "broken", "at x"), (analysis.RootCause!.Code, analysis.RootCause.Message, analysis.RootCause.StackTrace)));
    }

    [Fact]
    public void What_nobody_recorded_stays_unknown()
    {
        SpanError error = Assert.Single(Analyse(new TraceBuilder().Span(1, "a", "op", 0, 1).Failed().Event("log", 1, ("message", "all is well"))).Errors);

        Assert.Equal((null, null, null), (error.Code, error.Message, error.StackTrace));
    }

    private static TraceAnalysis Analyse(TraceBuilder builder) => new(builder.Build());

    /// <summary>Ids in order of failure, root causes with a star.</summary>
    private static string Describe(TraceAnalysis analysis) =>
        string.Join(' ', analysis.Errors.Select(error => $"{analysis.Trace[error.Span].SpanId.Value}{(error.IsRootCause ? "*" : string.Empty)}"));
}
