using System.ComponentModel.DataAnnotations;

namespace ServerlessTrace.Core.Analysis.Latency;

/// <summary>By what latency is measured.</summary>
public sealed class LatencyOptions
{
    /// <summary>
    /// Attributes by whose values latency is measured, so that alert rules may group by them: those with few values, such as <c>region</c> or <c>tenant</c>.
    /// Each value is a series of its own for each operation. None by default.
    /// </summary>
    [MaxLength(10)]
    public IReadOnlyList<string> Attributes { get; set; } = [];
}
