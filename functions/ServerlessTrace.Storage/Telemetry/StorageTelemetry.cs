using System.Diagnostics.Metrics;

namespace ServerlessTrace.Storage.Telemetry;

/// <summary>What storage and sealing measure of themselves, under the product's one meter name.</summary>
public static class StorageTelemetry
{
    /// <summary>The name of the product's meters and its activity source.</summary>
    public const string Name = "ServerlessTrace";

    /// <summary>The service's name in its own telemetry, by which it knows it again.</summary>
    public const string ServiceName = "serverlesstrace";

    private static readonly Meter Meter = new(Name);

    /// <summary>Requests to storage, retries included, a transaction as one: what a bill counts.</summary>
    internal static Counter<long> Operations { get; } = Meter.CreateCounter<long>(
        "serverlesstrace.storage.operations", "{operation}", "Requests sent to storage, retries included.");

    /// <summary>From the arrival of a trace's newest part to the decision to seal it.</summary>
    internal static Histogram<double> SealDelay { get; } = Meter.CreateHistogram(
        "serverlesstrace.seal.delay",
        "s",
        "Time from the arrival of a trace's last part to its sealing.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 300, 900] });
}
