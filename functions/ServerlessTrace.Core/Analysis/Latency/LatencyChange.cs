namespace ServerlessTrace.Core.Analysis.Latency;

/// <summary>What changed about a series between two ranges of time.</summary>
/// <param name="Series">The series.</param>
/// <param name="Before">What it measured in the earlier range; null where it did not occur.</param>
/// <param name="After">What it measured in the later range; null where it did not occur.</param>
public sealed record LatencyChange(LatencySeries Series, LatencyMeasures? Before, LatencyMeasures? After)
{
    /// <summary>
    /// The time that the change costs in the later range, in ns: how much longer one takes on average, for as many as there were; negative where it became
    /// faster, and 0 where one range has none that ended.
    /// </summary>
    public double CostNano => Before is null || After is null || Before.Durations.IsEmpty
        ? 0
        : (After.Durations.MeanNano - Before.Durations.MeanNano) * After.Durations.Count.Value;
}
