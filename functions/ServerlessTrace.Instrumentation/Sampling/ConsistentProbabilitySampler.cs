using System.Buffers.Binary;
using System.Diagnostics;
using OpenTelemetry.Trace;

namespace ServerlessTrace.Instrumentation.Sampling;

/// <summary>
/// Samples a share of traces by their own randomness, so that services with different shares keep the same traces, and says the threshold in
/// <c>tracestate</c> (<c>ot=th:…</c>), so that each kept span stands for a known number (OpenTelemetry specification, "TraceIdRatioBased" as revised by
/// "TraceState: Probability Sampling"). OpenTelemetry for .NET has none that writes it yet.
/// </summary>
public sealed class ConsistentProbabilitySampler : Sampler
{
    private readonly long _threshold;

    /// <summary>A sampler of a share.</summary>
    /// <param name="ratio">The share, from 0 to 1. Below 2^-56 it is none.</param>
    public ConsistentProbabilitySampler(double ratio)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ratio);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ratio, 1);
        _threshold = OpenTelemetryTraceState.Range - (long)Math.Round(ratio * OpenTelemetryTraceState.Range);
        Description = FormattableString.Invariant($"ConsistentProbabilitySampler{{{ratio:0.######}}}");
    }

    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        OpenTelemetryTraceState state = OpenTelemetryTraceState.Parse(samplingParameters.ParentContext.TraceState);
        bool sampled = _threshold < OpenTelemetryTraceState.Range && (state.Randomness ?? RandomnessOf(samplingParameters.TraceId)) >= _threshold;

        // An unsampled span stands for nothing: it has no threshold to tell.
        string traceState = (state with { Threshold = sampled ? _threshold : null }).ToString();
        return new SamplingResult(sampled ? SamplingDecision.RecordAndSample : SamplingDecision.Drop, traceState);
    }

    /// <summary>The last 56 bits of a trace id, which Level 2 of W3C Trace Context says are random (3.2.3.3).</summary>
    private static long RandomnessOf(ActivityTraceId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.CopyTo(bytes);
        return BinaryPrimitives.ReadInt64BigEndian(bytes[8..]) & (OpenTelemetryTraceState.Range - 1);
    }
}
