namespace ServerlessTrace.Core.Analysis;

/// <summary>Something worth knowing about a trace's speed or failure, and what to do about it.</summary>
/// <param name="Kind">One of <see cref="InsightKind"/>.</param>
/// <param name="Spans">The spans it is about, by index, in order of start; at most a hundred.</param>
/// <param name="CostNano">What it cost the trace, or what could be gained, in ns; 0 where that is unknown.</param>
/// <param name="Text">What was found.</param>
/// <param name="Recommendation">What to do about it.</param>
public sealed record Insight(string Kind, IReadOnlyList<int> Spans, long CostNano, string Text, string Recommendation);
