using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>Takes statistics of measures.</summary>
internal static class Statistics
{
    /// <summary>The names, for people who typed another.</summary>
    public const string Names = "p50, p75, p90, p95, p99, p99.9, mean, max, error-rate or throughput";

    /// <summary>The unit, as in <see cref="Notifications.AlertReport.Unit"/>.</summary>
    public static string Unit(this Statistic statistic) => statistic switch
    {
        Statistic.ErrorRate => "%",
        Statistic.Throughput => "1/s",
        _ => "ms",
    };

    /// <summary>The least difference that is one, in the statistic's unit, where a rule names none.</summary>
    public static double UsualEffect(this Statistic statistic) => statistic.Unit() == "ms" ? 50 : 1;

    /// <summary>The name as in a rule.</summary>
    public static string Name(this Statistic statistic) => statistic switch
    {
        Statistic.P999 => "p99.9",
        Statistic.Maximum => "max",
        Statistic.ErrorRate => "error rate",
        _ => statistic.ToString().ToLowerInvariant(),
    };

    /// <summary>The value, in the statistic's unit.</summary>
    public static double Of(this Statistic statistic, LatencyMeasures measures, TimeSpan window) => statistic switch
    {
        Statistic.P50 => Quantile(measures, 0.5),
        Statistic.P75 => Quantile(measures, 0.75),
        Statistic.P90 => Quantile(measures, 0.9),
        Statistic.P95 => Quantile(measures, 0.95),
        Statistic.P99 => Quantile(measures, 0.99),
        Statistic.P999 => Quantile(measures, 0.999),
        Statistic.Mean => measures.Durations.MeanNano / 1e6,
        Statistic.Maximum => measures.Durations.MaxNano / 1e6,
        Statistic.ErrorRate => measures.Count.Units <= 0 ? 0 : 100.0 * measures.Errors.Units / measures.Count.Units,
        Statistic.Throughput => measures.Count.Value / window.TotalSeconds,
        _ => throw new ArgumentOutOfRangeException(nameof(statistic)),
    };

    private static double Quantile(LatencyMeasures measures, double part) => measures.Durations.Quantile(part) / 1e6;
}
