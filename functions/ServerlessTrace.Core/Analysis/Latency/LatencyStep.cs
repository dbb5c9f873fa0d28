namespace ServerlessTrace.Core.Analysis.Latency;

/// <summary>What durations a series is of.</summary>
public enum LatencyStep
{
    /// <summary>Whole traces, under the service, operation and environment of their root; an error is a trace with any.</summary>
    Trace,

    /// <summary>Single spans, under their own service and operation.</summary>
    Span,
}
