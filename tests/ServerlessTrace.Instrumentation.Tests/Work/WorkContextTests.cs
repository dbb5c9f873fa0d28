using System.Diagnostics;
using System.Threading.Channels;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Correlation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Tests.Work;

public sealed class WorkContextTests
{
    [Fact]
    public void Context_is_stored_as_text_and_restored_days_later()
    {
        string stored;
        using var spans = new Spans();
        using (WorkContext.Continue(Contexts.Of(state: "foo=1", baggage: [("order_id", "ord-789"), ("correlation_id", "tx-1")]), "begin order"))
        {
            stored = WorkContext.Store();
        }

        using (WorkContext.Continue(WorkContext.Restore(stored), "finish order"))
        {
            Assert.Equal("ord-789", Baggage.GetBaggage("order_id"));
        }

        Activity begun = spans.Single("begin order");
        Activity finished = spans.Single("finish order");
        Assert.Equal((begun.TraceId, begun.SpanId, "foo=1"), (finished.TraceId, finished.ParentSpanId, finished.TraceStateString));
        Assert.Equal("tx-1", finished.GetTagItem("correlation_id"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{\"traceparent\":7}")]
    [InlineData("{\"traceparent\":null}")]
    [InlineData("{\"traceparent\":\"00-0\"}")]
    public void What_was_stored_broken_begins_a_trace_of_its_own(string? stored)
    {
        using var spans = new Spans();

        using ContinuedWork work = WorkContext.Continue(WorkContext.Restore(stored), "go on");

        Assert.Equal(default, work.Span!.ParentSpanId);
    }

    [Fact]
    public void Stored_context_that_is_too_long_is_not_even_parsed()
    {
        Assert.Equal("none", WorkContext.Restore($$"""{"traceparent":"{{Contexts.Parent}}","x":"{{new string('x', 17_000)}}"}""").Text());
    }

    [Fact]
    public async Task Work_put_off_through_a_channel_is_part_of_what_put_it_off_and_not_of_the_worker()
    {
        using var spans = new Spans();
        var channel = Channel.CreateUnbounded<DeferredWork<string>>();
        using (WorkSourceStart("worker"))
        {
            Task worker = Task.Run(async () =>
            {
                DeferredWork<string> item = await channel.Reader.ReadAsync();
                using ContinuedWork work = item.Start($"send {item.Item}");
                Assert.Equal("tx-9", CorrelationScope.CorrelationId);
            });
            using (WorkContext.Continue(Contexts.Of(baggage: [("correlation_id", "tx-9")]), "request"))
            {
                Assert.True(channel.Writer.TryWrite(WorkContext.Defer("mail")));
            }

            await worker;
        }

        Assert.Equal(spans.Single("request").SpanId, spans.Single("send mail").ParentSpanId);
        Assert.NotEqual(spans.Single("worker").TraceId, spans.Single("send mail").TraceId);
    }

    [Fact]
    public void A_batch_of_several_traces_is_a_trace_of_its_own_with_a_link_to_each()
    {
        using var spans = new Spans();
        PropagationContext[] messages =
        [
            Contexts.Of(), Contexts.Of(), default,
            Contexts.Of("11111111111111111111111111111111", "2222222222222222"),
        ];

        using (WorkContext.ContinueBatch(messages, "process orders"))
        {
        }

        Activity batch = spans.Single("process orders");
        Assert.Equal(default, batch.ParentSpanId);
        Assert.Equal([Contexts.Trace, "11111111111111111111111111111111"], batch.Links.Select(link => link.Context.TraceId.ToHexString()));
        Assert.Equal(4, batch.GetTagItem("messaging.batch.message_count"));
    }

    [Fact]
    public void A_batch_of_one_trace_is_part_of_it()
    {
        using var spans = new Spans();

        using (WorkContext.ContinueBatch([default, Contexts.Of(), Contexts.Of(span: "2222222222222222")], "process orders"))
        {
        }

        Activity batch = spans.Single("process orders");
        Assert.Equal((Contexts.Trace, Contexts.Span), (batch.TraceId.ToHexString(), batch.ParentSpanId.ToHexString()));
        Assert.Equal(2, batch.Links.Count());
    }

    [Fact]
    public void A_huge_batch_has_128_links()
    {
        using var spans = new Spans();
        PropagationContext[] messages = [.. Enumerable.Range(1, 1_000).Select(i => Contexts.Of($"{i:x32}"))];

        using (WorkContext.ContinueBatch(messages, "process orders"))
        {
        }

        Assert.Equal(128, spans.Single("process orders").Links.Count());
    }

    [Fact]
    public void Context_passes_through_a_process_in_which_nobody_listens()
    {
        using (WorkContext.Continue(Contexts.Of(state: "foo=1", baggage: [("order_id", "7")]), "unseen"))
        {
            Assert.Null(Activity.Current);
            Assert.Equal($"{Contexts.Trace}-{Contexts.Span}-01", WorkContext.Current.Text());
            Assert.Equal(("foo=1", "7"), (WorkContext.Current.ActivityContext.TraceState, Baggage.GetBaggage("order_id")));
        }

        Assert.Equal("none", WorkContext.Current.Text());
    }

    [Fact]
    public void Failed_work_says_why()
    {
        using var spans = new Spans();
        using (ContinuedWork work = WorkContext.Continue(Contexts.Of(), "charge"))
        {
            work.Fail(new TimeoutException("no answer"));
        }

        Activity span = spans.Single("charge");
        Assert.Equal((ActivityStatusCode.Error, "no answer", "System.TimeoutException"), (span.Status, span.StatusDescription, span.GetTagItem("error.type")));
        Assert.Equal("exception", Assert.Single(span.Events).Name);
    }

    private static Activity WorkSourceStart(string name) => WorkContext.Continue(default, name).Span!;
}
