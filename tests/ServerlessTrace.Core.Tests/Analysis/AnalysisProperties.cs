using System.Buffers;
using FsCheck.Xunit;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Analysis;

public class AnalysisProperties
{
    [Property(MaxTest = 500)]
    public void Sections_are_disjoint_latest_first_and_cover_the_root_exactly(int seed, bool tolerant)
    {
        Trace trace = RandomTrace(seed);
        var path = new CriticalPath(trace, tolerant ? CriticalPathMode.Tolerant : CriticalPathMode.Strict);
        if (!path.IsKnown)
        {
            Assert.Equal(0, path.Sections.Length);
            return;
        }

        long at = trace[trace.Root].End;
        foreach (CriticalPathSection section in path.Sections)
        {
            Assert.Equal(at, section.End);
            Assert.True(section.Start < section.End);
            at = section.Start;
        }

        Assert.Equal(trace[trace.Root].Start, at);
        Assert.Equal(trace[trace.Root].Duration, ExclusiveTime.Of(trace, path).Sum(static time => time.Nano));
    }

    [Property(MaxTest = 500)]
    public void The_path_is_the_one_that_the_definition_read_word_by_word_gives(int seed)
    {
        Trace trace = RandomTrace(seed);
        var path = new CriticalPath(trace);
        if (!path.IsKnown)
        {
            return;
        }

        var expected = new List<CriticalPathSection>();
        WalkBack(trace, trace.Root, trace[trace.Root].Start, trace[trace.Root].End, expected);
        Assert.Equal(expected, path.Sections.ToArray());
    }

    [Property(MaxTest = 300)]
    public void Self_time_is_what_the_children_leave_over(int seed)
    {
        Trace trace = RandomTrace(seed);
        long[] self = SelfTime.Of(trace);
        for (int i = 0; i < trace.SpanCount; i++)
        {
            Assert.Equal(Milliseconds(trace, i), self[i] / 1_000_000);
        }
    }

    [Property(MaxTest = 300)]
    public void Nothing_about_a_report_depends_on_the_order_of_arrival(int seed)
    {
        var random = new RandomParts(seed);
        IReadOnlyList<SpanPart> parts = random.Parts(25);

        Assert.Equal(Reports(parts), Reports(random.Shuffle([.. parts, .. random.Some(parts)])));
    }

    [Property(MaxTest = 300)]
    public void No_trace_is_too_broken_to_be_reported(int seed)
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> ranges) = RandomParts.Merge(new RandomParts(seed).Parts(40, traces: 3));
        foreach (TraceRange range in ranges)
        {
            var analysis = new TraceAnalysis(new Trace(batch, range));

            Assert.Equal(analysis.Trace.SpanCount, analysis.Order.Spans.Length);
            Assert.Equal(analysis.Trace.SpanCount, analysis.Services.Sum(static service => service.SpanCount));
            Assert.Equal(analysis.Trace.ErrorCount, analysis.Errors.Count);
            Assert.Equal(analysis.Errors.Count > 0, analysis.Errors.Any(static error => error.IsRootCause));
            Assert.Equal(analysis.Errors.Count > 0, analysis.RootCause is not null);
            Assert.All(analysis.Insights, static insight => Assert.True(insight.CostNano >= 0 && insight.Spans.Count > 0, insight.Text));
            Assert.StartsWith("Distributed Trace Analysis\n", TextReport.Of(analysis, new ReportOptions { TimelineSpans = 5, ListEntries = 2 }), StringComparison.Ordinal);
        }
    }

    private static Trace RandomTrace(int seed)
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> ranges) = RandomParts.Merge(new RandomParts(seed).Parts(25));
        return new Trace(batch, ranges[0]);
    }

    private static string Reports(IReadOnlyList<SpanPart> parts)
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> ranges) = RandomParts.Merge(parts);
        var analysis = new TraceAnalysis(new Trace(batch, ranges[0]));
        var json = new ArrayBufferWriter<byte>();
        TraceReportJson.Write(json, analysis, isSealed: true, revision: 1);
        return TextReport.Of(analysis) + System.Text.Encoding.UTF8.GetString(json.WrittenSpan);
    }

    /// <summary>The definition with recursion and searching, as slow as it is plain.</summary>
    private static void WalkBack(Trace trace, int span, long start, long end, List<CriticalPathSection> sections)
    {
        long cursor = end;
        while (true)
        {
            var last = Enumerable.Range(0, trace.SpanCount)
                .Where(child => trace.Parents[child] == span && !IsAsynchronous(trace[span], trace[child]))
                .Select(child => (Child: child, Start: Math.Max(start, trace[child].Start), End: Math.Min(end, trace[child].End)))
                .Where(child => child.Start < child.End && child.End <= cursor)
                .OrderByDescending(static child => child.End).ThenBy(static child => child.Start).ThenBy(child => trace[child.Child].SpanId.Value)
                .ToList();
            if (last.Count == 0)
            {
                break;
            }

            Add(sections, span, last[0].End, cursor);
            WalkBack(trace, last[0].Child, last[0].Start, last[0].End, sections);
            cursor = last[0].Start;
        }

        Add(sections, span, start, cursor);
    }

    private static void Add(List<CriticalPathSection> sections, int span, long start, long end)
    {
        if (start < end)
        {
            sections.Add(new CriticalPathSection(span, start, end));
        }
    }

    private static bool IsAsynchronous(SpanRecord parent, SpanRecord child) =>
        child.Flags.HasFlag(SpanFlags.FollowsFrom) || (parent.Kind, child.Kind) == (SpanKind.Producer, SpanKind.Consumer);

    /// <summary>Counts the milliseconds of a span in which no child ran that it waits for: random times are whole milliseconds.</summary>
    private static long Milliseconds(Trace trace, int span)
    {
        long count = 0;
        for (long at = trace[span].Start; at < trace[span].End; at += 1_000_000)
        {
            bool covered = false;
            for (int child = 0; child < trace.SpanCount; child++)
            {
                covered |= trace.Parents[child] == span && trace[child].Start <= at && at < trace[child].End && !IsAsynchronous(trace[span], trace[child]);
            }

            count += covered ? 0 : 1;
        }

        return count;
    }
}
