namespace ServerlessTrace.Core.Analysis.Insights;

/// <summary>Below or above what the passes keep quiet.</summary>
internal static class Limit
{
    /// <summary>Spans that one insight names at most.</summary>
    public const int Spans = 100;

    /// <summary>Calls of one operation under one parent from which they count as many.</summary>
    public const int RepeatedCalls = 5;

    /// <summary>Insights about the calls of one span at most: the costliest. Each looks through all of its children.</summary>
    public const int PerParent = 20;

    /// <summary>Calls from one service to another, or to a database or the like, from which they are chatty.</summary>
    public const int ChattyCalls = 20;

    /// <summary>The least cost worth a word: a twentieth of the trace, and a tenth of a millisecond.</summary>
    public static long Cost(TraceAnalysis analysis) => Math.Max(100_000, analysis.Trace.Duration / 20);
}
