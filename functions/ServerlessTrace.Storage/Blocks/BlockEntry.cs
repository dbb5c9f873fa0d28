using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>A revision of a trace that a block is to have.</summary>
/// <param name="Summary">What a search knows of it.</param>
/// <param name="Contribution">What the revision adds to the aggregates, beside what former ones added; worked out only where the block lacks it.</param>
internal sealed record BlockEntry(TraceSummary Summary, Func<TraceAggregates> Contribution);
