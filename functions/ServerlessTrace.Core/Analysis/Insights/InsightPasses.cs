namespace ServerlessTrace.Core.Analysis.Insights;

/// <summary>Runs every pass that looks for insights. They know nothing of each other, but the order here is that of equal costs.</summary>
internal static class InsightPasses
{
    public static IReadOnlyList<Insight> Run(TraceAnalysis analysis, int limit)
    {
        var insights = new List<Insight>();
        Failures.Find(analysis, insights);
        Bottlenecks.Find(analysis, insights);
        SiblingCalls.Find(analysis, insights);
        DependencyCosts.Find(analysis, insights);
        QueueWaits.Find(analysis, insights);
        Gaps.Find(analysis, insights);
        ColdStarts.Find(analysis, insights);

        // A stable sort: failures first, then what cost most, in the order found.
        return [.. insights.OrderBy(static insight => insight.Kind == InsightKind.Error ? 0 : 1).ThenByDescending(static insight => insight.CostNano).Take(limit)];
    }
}
