namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>What slow traces waited for.</summary>
/// <param name="From">The beginning of the range.</param>
/// <param name="To">Its end.</param>
/// <param name="Percentile">From which percentile on a trace counts as slow.</param>
/// <param name="ThresholdMs">How long that is.</param>
/// <param name="SlowTraces">How many there are.</param>
/// <param name="AnalysedTraces">How many of them the profile is of: the slowest.</param>
/// <param name="Parts">Operations on their critical paths, those with most exclusive time first.</param>
/// <param name="Examples">The slowest traces.</param>
internal sealed record CriticalPathResponse(
    DateTimeOffset From, DateTimeOffset To, double Percentile, double ThresholdMs, int SlowTraces, int AnalysedTraces,
    IReadOnlyList<CriticalPathPart> Parts, IReadOnlyList<SlowTrace> Examples);

/// <summary>An operation on critical paths: its exclusive time a trace on average, its share of all, and of how many traces.</summary>
internal sealed record CriticalPathPart(string Service, string Operation, double MeanMs, double Share, int Traces);

/// <summary>A slow trace.</summary>
internal sealed record SlowTrace(string TraceId, double DurationMs);
