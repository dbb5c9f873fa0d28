using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Traces;

/// <summary>A trace's row: its packed spans, how often it was sealed, and the block that holds its summary.</summary>
/// <param name="Summary">What a search knows of it.</param>
/// <param name="Block">The block that holds, or is to hold, the summary.</param>
/// <param name="Packed">The packed merged spans.</param>
public sealed record SealedTrace(TraceSummary Summary, BlockKey Block, ReadOnlyMemory<byte> Packed)
{
    /// <summary>How many traces it stands for, where sampling kept only some.</summary>
    public AdjustedCount Count { get; init; } = AdjustedCount.One;

    /// <summary>
    /// What this revision adds to the aggregates of its block, beside what former ones added, encoded; empty for the first, whose contribution is that of its
    /// spans. It is kept since a crash may come between this row and the block.
    /// </summary>
    public ReadOnlyMemory<byte> Difference { get; init; }
}
