using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>What became of a slice's traces.</summary>
/// <param name="Ready">Those to be sealed now, with the blocks that they go to.</param>
/// <param name="Sums">What those of each block contribute.</param>
/// <param name="Drops">Those to be sealed now that sampling does not keep.</param>
/// <param name="Unreadable">How many chunks cannot be read.</param>
internal sealed record AssembledSlice(
    List<SealedTrace> Ready, Dictionary<BlockKey, TraceAggregates> Sums, SamplingDrops Drops, int Unreadable);
