using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Comparison;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Analysis;

/// <summary>
/// Traces as big as they get, through everything: merging, the tree, every pass of the analysis, a report, a comparison. Nothing is timed: recursion
/// would overflow the stack here, and quadratic work would never end.
/// </summary>
public class BigTraceTests
{
    private const int Million = 1_000_000;

    [Fact]
    public void A_million_children_of_one_parent()
    {
        // Each of 1,000 operations called 1,000 times, one call after another, every third one failing and called again.
        var analysis = new TraceAnalysis(Build(Million, static i => i == 0 ? (-1, 0, 2L * Million) : (0, 2L * i, (2L * i) + 1), names: 1000, failing: 3));

        Assert.Equal(Million - 1, analysis.Trace.Parents.Count(0));
        Assert.Equal(analysis.Trace[0].Duration, analysis.CriticalPath.Sections.ToArray().Sum(static section => section.Duration));
        Assert.Equal((Million - 1) * 1_000L, analysis.PathTimes[1..].ToArray().Sum());
        Assert.Contains(analysis.Insights, static insight => insight.Kind == InsightKind.Retry);
        Assert.Contains("1,000,000 in", TextReport.Of(analysis), StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_children_that_all_ran_at_once_on_a_clock_that_differs()
    {
        var analysis = new TraceAnalysis(Build(
            Million, static i => i == 0 ? (-1, 0, 10L * Million) : (0, i - 8_000_000, i - 8_000_000 + 5_000), services: 2));

        Trace trace = analysis.Trace;
        Assert.Equal(Million / 2, Assert.Single(analysis.Times.Clocks).SpanCount);
        Assert.Equal(0, Enumerable.Range(0, Million).Count(span => trace[span].Service != trace[trace.Root].Service && analysis.Times.StartOf(span) < trace[trace.Root].Start));
    }

    [Fact]
    public void A_hundred_thousand_levels_of_which_every_one_fails()
    {
        const int Levels = 100_000;
        var analysis = new TraceAnalysis(Build(Levels, static i => (i - 1, i, (2L * Levels) - i), names: 5, failing: 1));

        Assert.Equal(Levels - 1, analysis.Order.Depths[Levels - 1]);
        Assert.Equal((2L * Levels) - 1, analysis.CriticalPath.Sections.Length);
        Assert.Equal(Levels - 1, analysis.RootCause!.Span);
        Assert.All(analysis.Slack.Slack.ToArray(), static slack => Assert.Equal(0, slack));
        Assert.Contains("more failed with it", TextReport.Of(analysis), StringComparison.Ordinal);
        Assert.True(new TraceComparison(analysis, analysis).IsEmpty);
    }

    [Fact]
    public void A_million_spans_in_a_tree_of_eight_calls_each()
    {
        var windows = new (long Start, long End)[Million];
        windows[0] = (0, 1L << 40);
        for (int i = 1; i < Million; i++)
        {
            (long start, long end) = windows[(i - 1) / 8];
            long part = (end - start) / 8;
            windows[i] = (start + ((i - 1) % 8 * part), start + (((i - 1) % 8) * part) + (part * 3 / 4));
        }

        var analysis = new TraceAnalysis(Build(Million, i => (i == 0 ? -1 : (i - 1) / 8, windows[i].Start, windows[i].End), names: 40, failing: 1009, services: 7));

        Assert.Equal(Million, analysis.Services.Sum(static service => service.SpanCount));
        Assert.Equal(analysis.Trace[0].Duration, analysis.PathTimes.ToArray().Sum());
        Assert.Equal(analysis.Trace[0].Duration, analysis.SelfTimes.ToArray().Sum());
        Assert.Equal((Million - 1) / 1009, analysis.Errors.Count);
        Assert.True(new TraceComparison(analysis, analysis).IsEmpty);
    }

    /// <summary>A trace of spans whose parent, start and end (in µs) follow from their number; the last parts come first.</summary>
    private static Trace Build(int count, Func<int, (int Parent, long Start, long End)> span, int names = 1, int failing = int.MaxValue, int services = 1)
    {
        var batch = new SpanBatch();
        int[] operations = [.. Enumerable.Range(0, names).Select(i => batch.Strings.Add(string.Create(CultureInfo.InvariantCulture, $"op{i}")))];
        int[] owners = [.. Enumerable.Range(0, services).Select(i => batch.Strings.Add(string.Create(CultureInfo.InvariantCulture, $"service{i}")))];
        for (int i = count - 1; i >= 0; i--)
        {
            (int parent, long start, long end) = span(i);
            ref SpanRecord record = ref batch.AddSpan();
            record.TraceId = new TraceId(0, 1);
            record.SpanId = new SpanId((ulong)i + 1);
            record.ParentSpanId = new SpanId((ulong)(parent + 1));
            record.StartUnixNano = TraceBuilder.Epoch + (start * 1000);
            record.EndUnixNano = TraceBuilder.Epoch + (end * 1000);
            record.Name = operations[i % names];
            record.Service = owners[i % services];
            record.Status = i > 0 && i % failing == 0 ? SpanStatus.Error : SpanStatus.Unset;
            record.Flags = SpanFlags.Started | SpanFlags.Ended;
        }

        return new Trace(batch, new SpanMerger().Merge(batch)[0]);
    }
}
