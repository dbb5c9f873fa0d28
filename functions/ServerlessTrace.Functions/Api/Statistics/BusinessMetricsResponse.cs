using ServerlessTrace.Core.Analysis.Business;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>The values of numeric business keys, by key, service and outcome.</summary>
internal sealed record BusinessMetricsResponse(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<BusinessMetric> Metrics);

/// <summary>The values of one key in traces of one service and outcome.</summary>
internal sealed record BusinessMetric(string Key, string Service, string Outcome, BusinessNumbers Total, IReadOnlyList<BusinessPoint>? Points);

/// <summary>The values from a time on.</summary>
internal sealed record BusinessPoint(DateTimeOffset Time, BusinessNumbers Numbers);

/// <summary>How many values there are, their sum, and how they are distributed, within 1 %.</summary>
internal sealed record BusinessNumbers(double Count, double Sum, double Mean, double Min, double P50, double P90, double P95, double P99, double Max)
{
    public static BusinessNumbers Of(ValueMeasures measures) => new(
        measures.Count.Value,
        Math.Round(measures.Sum, 6),
        measures.Count.Units == 0 ? 0 : Math.Round(measures.Sum / measures.Count.Value, 6),
        Math.Round(measures.Min, 6),
        Math.Round(measures.Quantile(0.5), 6),
        Math.Round(measures.Quantile(0.9), 6),
        Math.Round(measures.Quantile(0.95), 6),
        Math.Round(measures.Quantile(0.99), 6),
        Math.Round(measures.Max, 6));
}
