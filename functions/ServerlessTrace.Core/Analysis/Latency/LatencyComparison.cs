using ServerlessTrace.Core.Analysis.Aggregates;

namespace ServerlessTrace.Core.Analysis.Latency;

/// <summary>What became slower, faster, or fails more or less, between two ranges of time, by series.</summary>
public static class LatencyComparison
{
    // Either side may be off by the sketches' error.
    private const double Noise = 2 * LatencySketch.RelativeError;
    private const double ErrorRateNoise = 0.001;
    private static readonly double[] Parts = [0.5, 0.95, 0.99];

    /// <summary>
    /// The series that changed by more than a sketch may be off, what costs most time first; then those that only one of the ranges has, then those of
    /// which only the errors changed. None for a range and itself.
    /// </summary>
    public static IReadOnlyList<LatencyChange> Of(
        SeriesTable<LatencySeries, LatencyMeasures> before, SeriesTable<LatencySeries, LatencyMeasures> after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        Dictionary<LatencySeries, LatencyMeasures> earlier = Totals(before);
        Dictionary<LatencySeries, LatencyMeasures> later = Totals(after);
        return
        [
            .. earlier.Keys.Union(later.Keys)
                .Select(series => new LatencyChange(series, earlier.GetValueOrDefault(series), later.GetValueOrDefault(series)))
                .Where(IsChanged)
                .OrderByDescending(static change => change.CostNano)
                .ThenByDescending(static change => (change.After ?? change.Before)!.Count.Value)
                .ThenBy(static change => change.Series.Service, StringComparer.Ordinal)
                .ThenBy(static change => change.Series.Operation, StringComparer.Ordinal),
        ];
    }

    private static Dictionary<LatencySeries, LatencyMeasures> Totals(SeriesTable<LatencySeries, LatencyMeasures> table)
    {
        var totals = new SeriesTable<LatencySeries, LatencyMeasures>();
        foreach ((LatencySeries series, _, LatencyMeasures measures) in table.All)
        {
            totals.At(series, 0).Merge(measures);
        }

        return totals.All.ToDictionary(static item => item.Series, static item => item.Measures);
    }

    private static bool IsChanged(LatencyChange change) =>
        change.Before is not { } before || change.After is not { } after
        || Math.Abs(ErrorRate(after) - ErrorRate(before)) > ErrorRateNoise
        || Array.Exists(Parts, part => Differ(before.Durations.Quantile(part), after.Durations.Quantile(part)));

    private static double ErrorRate(LatencyMeasures measures) => measures.Count.Units == 0 ? 0 : measures.Errors.Value / measures.Count.Value;

    private static bool Differ(double left, double right) => Math.Abs(left - right) > Noise * Math.Max(left, right);
}
