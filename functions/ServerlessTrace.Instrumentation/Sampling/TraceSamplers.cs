using OpenTelemetry.Trace;

namespace ServerlessTrace.Instrumentation.Sampling;

/// <summary>The samplers to choose from.</summary>
public static class TraceSamplers
{
    /// <summary>
    /// The parent's decision, and for new traces a share of the trace ids: OpenTelemetry's <c>parentbased_traceidratio</c>. For whom every service
    /// uses the same share or none at all.
    /// </summary>
    /// <param name="ratio">The share, from 0 to 1.</param>
    public static Sampler ParentBasedRatio(double ratio) => new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio));

    /// <summary>The parent's decision, and for new traces a consistent one that <c>tracestate</c> tells of, so that counts can be scaled up again.</summary>
    /// <param name="ratio">The share, from 0 to 1.</param>
    public static Sampler ParentBasedConsistent(double ratio) => new ParentBasedSampler(new ConsistentProbabilitySampler(ratio));
}
