using System.Runtime.InteropServices;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Sampling;

/// <summary>
/// Decides which of the traces that are sealed together are kept. Errors, slow traces and hits of rules always are; of the others a share, chosen by a hash of
/// their ids, so that everybody who looks at a trace decides the same. What is kept counts for what is not: counts and percentiles stay right on average.
/// The guarantee for rare operations and the limit of a service raise or lower the share by how many there are, which does not depend on their ids.
/// </summary>
public sealed class TailSampler(SamplingOptions options)
{
    private const double Randomness = 1UL << 56;

    private readonly Dictionary<string, int> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Service, string Operation), int> _operations = [];

    /// <summary>Whether <see cref="Count"/> has to see all traces before the first is decided.</summary>
    public bool CountsFirst => options.CountsFirst;

    /// <summary>Notes that a trace is among those that are sealed together.</summary>
    public void Count(Trace trace)
    {
        (string service, string operation) = RootOf(trace);
        CollectionsMarshal.GetValueRefOrAddDefault(_services, service, out _)++;
        CollectionsMarshal.GetValueRefOrAddDefault(_operations, (service, operation), out _)++;
    }

    /// <summary>Decides about a trace.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="isRuleHit">Whether an alert rule matches it.</param>
    public SamplingDecision Decide(Trace trace, bool isRuleHit)
    {
        ArgumentNullException.ThrowIfNull(trace);
        HeadSampling head = options.HeadWeights ? HeadSampling.Of(trace) : new HeadSampling(1, null, false);
        double rate = !options.MayDrop || head.IsForced || IsAlwaysKept(trace, isRuleHit) ? 1 : RateOf(trace);
        ulong random = head.Randomness ?? Hash(trace.Id);
        double probability = head.Randomness is null ? head.Probability * rate : Math.Min(head.Probability, rate);
        return new SamplingDecision(rate >= 1 || random >= (1 - rate) * Randomness, AdjustedCount.Of(1 / probability));
    }

    private bool IsAlwaysKept(Trace trace, bool isRuleHit) =>
        (options.KeepErrors && trace.ErrorCount > 0)
        || (options.SlowFrom > TimeSpan.Zero && trace.Duration >= options.SlowFrom.TotalNanoseconds)
        || (options.KeepRuleHits && isRuleHit);

    private double RateOf(Trace trace)
    {
        (string service, string operation) = RootOf(trace);
        double rate = options.Services.TryGetValue(service, out double own) ? own : options.Rate;
        if (options.ServiceLimit > 0)
        {
            rate = Math.Min(rate, options.ServiceLimit / (double)Math.Max(1, _services.GetValueOrDefault(service)));
        }

        return options.RareKept == 0 ? rate : Math.Max(rate, Math.Min(1, options.RareKept / (double)Math.Max(1, _operations.GetValueOrDefault((service, operation)))));
    }

    private static (string Service, string Operation) RootOf(Trace trace)
    {
        if (trace.SpanCount == 0)
        {
            return (string.Empty, string.Empty);
        }

        ref readonly SpanRecord root = ref trace[Math.Max(0, trace.Root)];
        return (trace.Batch.Text(root.Service), trace.Batch.Text(root.Name));
    }

    /// <summary>56 random-looking bits of an id. Some senders make only part of an id random, so all of it is mixed (the finalizer of SplitMix64).</summary>
    private static ulong Hash(TraceId id)
    {
        ulong mixed = id.Low ^ (id.High * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (mixed ^ (mixed >> 31)) >> 8;
    }
}
