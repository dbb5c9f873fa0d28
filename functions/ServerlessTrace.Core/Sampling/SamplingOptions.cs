using System.ComponentModel.DataAnnotations;

namespace ServerlessTrace.Core.Sampling;

/// <summary>Which traces are kept when they are sealed. By default all are.</summary>
public sealed class SamplingOptions : IValidatableObject
{
    private const double LowestRate = 0.000_001;

    /// <summary>The share of ordinary traces that are kept, chosen by their ids. Default 1: all.</summary>
    [Range(LowestRate, 1)]
    public double Rate { get; set; } = 1;

    /// <summary>Rates of the traces of single services, by the root's service; they replace <see cref="Rate"/>.</summary>
    public IDictionary<string, double> Services { get; } = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether every trace with an error is kept. Default true.</summary>
    public bool KeepErrors { get; set; } = true;

    /// <summary>From which duration on every trace is kept; zero for no duration. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan SlowFrom { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether every trace that an alert rule matches is kept. Default true.</summary>
    public bool KeepRuleHits { get; set; } = true;

    /// <summary>About how many traces of each operation (the root's service and name) are kept of those that are sealed together, however low the rate. Default 1.</summary>
    [Range(0, 10_000)]
    public int RareKept { get; set; } = 1;

    /// <summary>About how many ordinary traces of one service are kept at most of those that are sealed together (of one shard and window); zero for no limit, the default.</summary>
    [Range(0, 1_000_000)]
    public int ServiceLimit { get; set; }

    /// <summary>Whether spans that say with which probability their trace was sampled before count for those that were not. Default true.</summary>
    public bool HeadWeights { get; set; } = true;

    /// <summary>Whether any trace may be dropped.</summary>
    public bool MayDrop => Rate < 1 || ServiceLimit > 0 || Services.Values.Any(rate => rate < 1);

    /// <summary>Whether a decision depends on how many traces are sealed together.</summary>
    internal bool CountsFirst => MayDrop && (RareKept > 0 || ServiceLimit > 0);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach ((string service, double rate) in Services)
        {
            if (rate is not (>= LowestRate and <= 1))
            {
                yield return new ValidationResult($"Sampling: the rate {rate} of service '{service}' is not between {LowestRate} and 1.");
            }
        }
    }
}
