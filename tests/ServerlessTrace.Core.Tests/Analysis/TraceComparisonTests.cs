using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Comparison;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports.Comparison;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Analysis;

public class TraceComparisonTests
{
    private static readonly TraceId Other = new(0, 2);

    [Fact]
    public void What_became_slower_comes_first_and_what_became_faster_last()
    {
        TraceComparison comparison = Compare(
            new TraceBuilder().Span(1, "api", "get", 0, 100).Span(2, "db", "select", 10, 30, parent: 1).Span(3, "cache", "read", 40, 90, parent: 1),
            new TraceBuilder(Other).Span(1, "api", "get", 0, 150).Span(2, "db", "select", 10, 110, parent: 1).Span(3, "cache", "read", 120, 140, parent: 1));

        Assert.Equal(50_000_000, comparison.DurationNano);
        Assert.Equal([("db", 80), ("cache", -30)], comparison.Services.Select(static change => (change.Service, (int)(change.PathNano / 1_000_000))));
        Assert.Equal(["select", "read"], comparison.Operations.Select(static change => change.Operation));
        Assert.Empty(comparison.Structure);
    }

    [Fact]
    public void A_call_that_only_one_trace_makes_is_named_once_with_what_is_below_it()
    {
        TraceComparison comparison = Compare(
            new TraceBuilder().Span(1, "api", "get", 0, 100).Span(2, "auth", "check", 10, 30, parent: 1).Span(3, "db", "select", 12, 20, parent: 2),
            new TraceBuilder(Other).Span(1, "api", "get", 0, 100).Span(7, "mail", "send", 10, 20, parent: 1));

        Assert.Equal(["api: get › auth: check", "api: get › mail: send"], comparison.Structure.Select(Path));
        Assert.Equal((1, 0, 1), (comparison.Structure[0].Before, comparison.Structure[0].After, comparison.Structure[0].SpansBelow));
        Assert.Equal([1], comparison.Structure[1].AfterSpans);
        string text = Text(comparison);
        Assert.Contains("  - api: get › auth: check: only in the first trace: 1 call, with 1 span below\n", text, StringComparison.Ordinal);
        Assert.Contains("  - api: get › mail: send: only in the second trace: 1 call\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void More_calls_of_the_same_kind_are_a_difference_too()
    {
        TraceBuilder many = new TraceBuilder(Other).Span(1, "api", "list", 0, 100);
        for (ulong i = 0; i < 8; i++)
        {
            many.Span(i + 2, "db", "select", 10 * i, (10 * i) + 5, parent: 1);
        }

        TraceComparison comparison = Compare(new TraceBuilder().Span(1, "api", "list", 0, 100).Span(2, "db", "select", 10, 50, parent: 1), many);

        StructureChange change = Assert.Single(comparison.Structure);
        Assert.Equal((1, 8), (change.Before, change.After));
        Assert.Contains("api: list › db: select: 1 → 8 calls", Text(comparison), StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_says_what_failed_first_on_either_side()
    {
        string text = Text(Compare(
            new TraceBuilder().Span(1, "api", "get", 0, 100),
            new TraceBuilder(Other).Span(1, "api", "get", 0, 300).Failed().Span(2, "db", "select", 10, 290, parent: 1).Failed("deadlock")));

        Assert.StartsWith("Trace Comparison\n", text, StringComparison.Ordinal);
        Assert.Contains("Duration: +200ms (+200%)\n", text, StringComparison.Ordinal);
        Assert.Contains("Failed first: nothing failed → db: select: deadlock\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_and_Markdown_tell_the_same()
    {
        TraceComparison comparison = Compare(
            new TraceBuilder().Span(1, "api|x", "get", 0, 100),
            new TraceBuilder(Other).Span(1, "api|x", "get", 0, 150).Span(2, "db", "<b>", 0, 100, parent: 1));
        using var stream = new MemoryStream();
        ComparisonJson.Write(stream, comparison);
        using JsonDocument json = JsonDocument.Parse(stream.ToArray());
        using var markdown = new StringWriter(CultureInfo.InvariantCulture);
        ComparisonMarkdown.Write(markdown, comparison);

        Assert.Equal(50, json.RootElement.GetProperty("durationChangeMs").GetDouble());
        Assert.Equal("only-after", json.RootElement.GetProperty("structure")[0].GetProperty("kind").GetString());
        Assert.Equal("0000000000000002", json.RootElement.GetProperty("structure")[0].GetProperty("spanIds")[0].GetString());
        Assert.Equal(100, json.RootElement.GetProperty("services")[0].GetProperty("criticalPathChangeMs").GetDouble());
        Assert.Contains("| api&#124;x | **-50ms** |", markdown.ToString(), StringComparison.Ordinal);
        Assert.Contains("- api&#124;x: get › db: &lt;b&gt;: only in the second trace", markdown.ToString(), StringComparison.Ordinal);
    }

    [Property(MaxTest = 200)]
    public void A_trace_compared_with_itself_is_empty(int seed)
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> ranges) = RandomParts.Merge(new RandomParts(seed).Parts(40));
        (SpanBatch again, IReadOnlyList<TraceRange> rangesAgain) = RandomParts.Merge(new RandomParts(seed).Parts(40));
        var comparison = new TraceComparison(new TraceAnalysis(new Trace(batch, ranges[0])), new TraceAnalysis(new Trace(again, rangesAgain[0])));

        Assert.True(comparison.IsEmpty);
        Assert.Contains("Nothing is different.", Text(comparison), StringComparison.Ordinal);
    }

    [Property(MaxTest = 200)]
    public void Turned_round_every_change_has_the_other_sign(int seed)
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> ranges) = RandomParts.Merge(new RandomParts(seed).Parts(60, traces: 2));
        if (ranges.Count < 2)
        {
            return;
        }

        var one = new TraceAnalysis(new Trace(batch, ranges[0]));
        var other = new TraceAnalysis(new Trace(batch, ranges[1]));
        var there = new TraceComparison(one, other);
        var back = new TraceComparison(other, one);

        Assert.Equal(there.DurationNano, -back.DurationNano);
        Assert.Equal(Changes(there.Services, 1), Changes(back.Services, -1));
        Assert.Equal(Changes(there.Operations, 1), Changes(back.Operations, -1));
        Assert.Equal(
            there.Structure.Select(static change => (Path(change), change.Before, change.After)).Order(),
            back.Structure.Select(static change => (Path(change), change.After, change.Before)).Order());
        Assert.Equal(there.After.Trace.SpanCount - there.Before.Trace.SpanCount, there.Services.Sum(static change => change.After.Spans - change.Before.Spans));
    }

    private static IEnumerable<string> Changes(IReadOnlyList<OperationChange> changes, int sign) => changes
        .Select(change => string.Create(CultureInfo.InvariantCulture, $"{change.Service}|{change.Operation}: {sign * change.PathNano} {sign * change.SelfNano}")).Order(StringComparer.Ordinal);

    private static string Path(StructureChange change) => string.Join(" › ", change.Path.Select(static step => $"{step.Service}: {step.Operation}"));

    private static TraceComparison Compare(TraceBuilder before, TraceBuilder after) => new(new TraceAnalysis(before.Build()), new TraceAnalysis(after.Build()));

    private static string Text(TraceComparison comparison)
    {
        using var text = new StringWriter(new StringBuilder(), CultureInfo.InvariantCulture);
        ComparisonText.Write(text, comparison);
        return text.ToString();
    }
}
