using OpenTelemetry.Trace;

namespace ServerlessTrace.Instrumentation.Sampling;

/// <summary>
/// Decides by the first rule that matches: none of <c>/health*</c>, all of <c>/payments/*</c>, a tenth of the rest. Use it for new traces, inside
/// <see cref="ParentBasedSampler"/>. Whether a trace will fail or be slow is not known yet: <see cref="DeferredSampling"/> is for that.
/// </summary>
/// <param name="rules">The rules in their order.</param>
/// <param name="otherwise">What decides where none matches.</param>
public sealed class RuleSampler(IReadOnlyList<SamplingRule> rules, Sampler otherwise) : Sampler
{
    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        foreach (SamplingRule rule in rules)
        {
            if (rule.Matches(in samplingParameters))
            {
                return rule.Sampler.ShouldSample(in samplingParameters);
            }
        }

        return otherwise.ShouldSample(in samplingParameters);
    }
}
