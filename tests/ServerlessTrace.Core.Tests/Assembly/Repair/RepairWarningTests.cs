using System.Text;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Tests.Formats;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Assembly.Repair;

/// <summary>Each repair says on the trace what it changed, and how often.</summary>
public class RepairWarningTests
{
    [Fact]
    public void Records_that_time_one_span_differently_are_counted_by_span_and_copies_are_not()
    {
        TraceBuilder builder = new TraceBuilder()
            .Span(1, "shop", "order", 0, 100).Span(1, "shop", "order", 0, 110).Span(1, "shop", "order", -5, 100)
            .Span(2, "shop", "pay", 10, 20, parent: 1).Span(2, "shop", "pay", 10, 25, parent: 1)
            .Span(3, "shop", "ship", 30, 40, parent: 1).Span(3, "shop", "ship", 30, 40, parent: 1);
        Trace trace = builder.Build();

        TraceWarning warning = Assert.Single(TraceWarnings.Of(trace));
        Assert.Equal("duplicate", warning.Kind);
        Assert.Contains("for 2 span(s)", warning.Text, StringComparison.Ordinal);
        Assert.Equal((3, TraceBuilder.Epoch - 5_000_000, TraceBuilder.Epoch + 110_000_000), (trace.SpanCount, trace[trace.Root].Start, trace[trace.Root].End));
    }

    [Fact]
    public void Records_of_a_span_that_contradict_each_other_are_counted()
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "shop", "order", 0, 100)
            .Span(2, "shop", "pay", 10, 20, parent: 1).Span(2, "bank", "pay", 10, 20, parent: 1);

        Assert.Equal(["contradiction: 1"], Counted(builder.Build()));
    }

    [Fact]
    public void Servers_halves_of_shared_spans_are_counted_where_they_hang_on_their_clients()
    {
        const string Zipkin = """
            [{"traceId":"0af7651916cd43dd","id":"1","name":"root","kind":"SERVER","timestamp":1772128800000000,"duration":100000,"localEndpoint":{"serviceName":"shop"}},
             {"traceId":"0af7651916cd43dd","parentId":"1","id":"2","name":"pay","kind":"CLIENT","timestamp":1772128800010000,"duration":50000,"localEndpoint":{"serviceName":"shop"}},
             {"traceId":"0af7651916cd43dd","parentId":"1","id":"2","name":"charge","kind":"SERVER","shared":true,"timestamp":1772128800020000,"duration":30000,"localEndpoint":{"serviceName":"bank"}},
             {"traceId":"0af7651916cd43dd","parentId":"1","id":"3","name":"send","kind":"CLIENT","timestamp":1772128800070000,"duration":20000,"localEndpoint":{"serviceName":"shop"}},
             {"traceId":"0af7651916cd43dd","parentId":"1","id":"3","name":"mail","kind":"SERVER","shared":true,"timestamp":1772128800072000,"duration":10000,"localEndpoint":{"serviceName":"mail"}}]
            """;
        Trace trace = ReadTrace.Only(Encoding.UTF8.GetBytes(Zipkin));

        Assert.Equal(["shared-span: 2"], Counted(trace));
        Assert.Equal(["shop root Server", "  shop pay Client", "    bank charge Server", "  shop send Client", "    mail mail Server"], ReadTrace.Tree(trace));
    }

    [Fact]
    public void Missing_parents_cycles_roots_and_open_spans_are_counted()
    {
        TraceBuilder missing = new TraceBuilder().Span(1, "shop", "order", 0, 100).Span(2, "shop", "a", 1, 2, parent: 77).Span(3, "shop", "b", 3, 4, parent: 78);
        TraceBuilder cycles = new TraceBuilder().Span(1, "shop", "order", 0, 100)
            .Span(2, "shop", "a", 1, 9, parent: 3).Span(3, "shop", "b", 2, 8, parent: 2).Span(4, "shop", "c", 11, 19, parent: 4);
        TraceBuilder roots = new TraceBuilder().Span(1, "shop", "order", 0, 100).Span(2, "shop", "other", 200, 300).Span(3, "shop", "third", 400, 500);
        TraceBuilder open = new TraceBuilder().Span(1, "shop", "order", 0, 100).Span(2, "shop", "a", 1, null, parent: 1).Span(3, "shop", "b", 2, null, parent: 1);

        Assert.Equal(["missing-parent: 2"], Counted(missing.Build()));
        Assert.Equal(["cycle: 2"], Counted(cycles.Build()));
        Assert.Equal(["several-roots: 3"], Counted(roots.Build()));
        Assert.Equal(["open-span: 2"], Counted(open.Build()));
    }

    /// <summary>The kinds of a trace's warnings with the first number that each tells.</summary>
    private static IEnumerable<string> Counted(Trace trace) => TraceWarnings.Of(trace)
        .Select(static warning => $"{warning.Kind}: {string.Concat(warning.Text.SkipWhile(static unit => !char.IsAsciiDigit(unit)).TakeWhile(char.IsAsciiDigit))}");
}
