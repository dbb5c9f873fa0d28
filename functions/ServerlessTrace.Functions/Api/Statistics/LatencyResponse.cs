using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>Latency by series.</summary>
/// <param name="From">The beginning of the range.</param>
/// <param name="To">Its end.</param>
/// <param name="Series">The series, those with most calls first.</param>
/// <param name="SeriesLeftOut">How many more there are.</param>
internal sealed record LatencyResponse(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<LatencySeriesResponse> Series, int SeriesLeftOut);

/// <summary>What a series measured.</summary>
internal sealed record LatencySeriesResponse(
    string Service, string Operation, string? Environment, string Step, LatencyNumbers Total, IReadOnlyList<LatencyPoint>? Points)
{
    public static string NameOf(LatencyStep step) => step == LatencyStep.Trace ? "trace" : "span";
}

/// <summary>What a series measured from a time on.</summary>
internal sealed record LatencyPoint(DateTimeOffset Time, LatencyNumbers Numbers);

/// <summary>How many there were, how many failed, and how long they took, in ms; percentiles are within 1 %.</summary>
internal sealed record LatencyNumbers(
    double Count, double RatePerSecond, double Errors, double ErrorRate,
    double MeanMs, double P50Ms, double P75Ms, double P90Ms, double P95Ms, double P99Ms, double P999Ms, double MaxMs)
{
    public static LatencyNumbers Of(LatencyMeasures measures, TimeSpan length)
    {
        LatencySketch durations = measures.Durations;
        return new LatencyNumbers(
            measures.Count.Value,
            Math.Round(measures.Count.Value / length.TotalSeconds, 6),
            measures.Errors.Value,
            measures.Count.Units == 0 ? 0 : Math.Round(measures.Errors.Value / measures.Count.Value, 6),
            Milliseconds(durations.MeanNano),
            Milliseconds(durations.Quantile(0.5)),
            Milliseconds(durations.Quantile(0.75)),
            Milliseconds(durations.Quantile(0.9)),
            Milliseconds(durations.Quantile(0.95)),
            Milliseconds(durations.Quantile(0.99)),
            Milliseconds(durations.Quantile(0.999)),
            Milliseconds(durations.MaxNano));
    }

    internal static double Milliseconds(double nano) => Math.Round(nano / 1e6, 6);
}
