using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Sampling;

/// <summary>What becomes of a trace.</summary>
/// <param name="IsKept">Whether it is kept.</param>
/// <param name="Count">How many traces it stands for, if it is: the inverse of the probability with which one like it is kept.</param>
public readonly record struct SamplingDecision(bool IsKept, AdjustedCount Count);
