using OpenTelemetry.Trace;

namespace ServerlessTrace.Instrumentation.Sampling;

/// <summary>
/// Samples so many traces a second at most, with a burst of as many: a bound on cost that no peak of traffic breaks. Use it for new traces, inside
/// <see cref="ParentBasedSampler"/>.
/// </summary>
public sealed class RateLimitingSampler : Sampler
{
    private readonly double _perSecond;
    private readonly double _burst;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private double _tokens;
    private long _filled;

    /// <summary>A sampler.</summary>
    /// <param name="tracesPerSecond">Traces a second, above 0; may be a fraction.</param>
    /// <param name="clock">The clock.</param>
    public RateLimitingSampler(double tracesPerSecond, TimeProvider? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tracesPerSecond);
        _perSecond = tracesPerSecond;
        _burst = Math.Max(1, tracesPerSecond);
        _clock = clock ?? TimeProvider.System;
        _tokens = _burst;
        _filled = _clock.GetTimestamp();
        Description = FormattableString.Invariant($"RateLimitingSampler{{{tracesPerSecond:0.######}/s}}");
    }

    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(TryTake() ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);

    private bool TryTake()
    {
        lock (_gate)
        {
            long now = _clock.GetTimestamp();
            _tokens = Math.Min(_burst, _tokens + (_clock.GetElapsedTime(_filled, now).TotalSeconds * _perSecond));
            _filled = now;
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }
}
