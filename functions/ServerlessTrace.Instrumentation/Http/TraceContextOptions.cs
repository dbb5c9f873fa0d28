using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Correlation;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Instrumentation.Http;

/// <summary>How requests are gone on with.</summary>
public sealed class TraceContextOptions
{
    /// <summary>What reads headers. Default <see cref="TracePropagators.Http"/>.</summary>
    public TextMapPropagator Propagator { get; set; } = TracePropagators.Http;

    /// <summary>The business ids. Default <see cref="BusinessIds.Default"/>.</summary>
    public BusinessIds Ids { get; set; } = BusinessIds.Default;

    /// <summary>Whether a request without correlation id gets one: its trace id. Default true.</summary>
    public bool CreateCorrelationId { get; set; } = true;

    /// <summary>Whether responses name correlation and request id. Default true.</summary>
    public bool RespondWithIds { get; set; } = true;
}
