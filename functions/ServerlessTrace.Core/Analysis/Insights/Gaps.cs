using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis.Insights;

/// <summary>Stretches of the critical path in which a span that calls others worked, or waited, without saying at what.</summary>
internal static class Gaps
{
    private const int Most = 3;

    public static void Find(TraceAnalysis analysis, List<Insight> insights)
    {
        Trace trace = analysis.Trace;
        var gaps = new List<CriticalPathSection>();
        long least = 2 * Limit.Cost(analysis);
        HashSet<int> disturbed = CallersOfOtherClocks(analysis);
        foreach (CriticalPathSection section in analysis.CriticalPath.Sections)
        {
            if (section.Duration >= least && trace.FirstChildren[section.Span] >= 0 && !disturbed.Contains(section.Span))
            {
                gaps.Add(section);
            }
        }

        if (gaps.Count == 0)
        {
            return;
        }

        foreach (CriticalPathSection gap in gaps.OrderByDescending(static gap => gap.Duration).Take(Most))
        {
            string operation = SpanText.Operation(trace, gap.Span);
            insights.Add(new Insight(
                InsightKind.Gap, [gap.Span], gap.Duration,
                $"{operation} spends {DurationText.Of(gap.Duration)} at +{DurationText.Of(gap.Start - analysis.Times.Start)} in no child span.",
                $"Add spans to what {operation} does there, to see what it waits for."));
        }
    }

    /// <summary>Spans with children whose clocks differ: the path, on recorded times, misses those children, which is no gap.</summary>
    public static HashSet<int> CallersOfOtherClocks(TraceAnalysis analysis)
    {
        var callers = new HashSet<int>();
        ReadOnlySpan<int> parents = analysis.Trace.Parents;
        for (int i = 0; analysis.Times.IsAdjusted && i < parents.Length; i++)
        {
            if (parents[i] >= 0 && analysis.Times.ShiftOf(i) != analysis.Times.ShiftOf(parents[i]))
            {
                callers.Add(parents[i]);
            }
        }

        return callers;
    }
}
