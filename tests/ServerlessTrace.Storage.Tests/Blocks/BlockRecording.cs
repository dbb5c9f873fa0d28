using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Tests.Blocks;

/// <summary>Records summaries of traces that contribute nothing.</summary>
internal static class BlockRecording
{
    public static Task PutAsync(this BlockStore blocks, BlockKey key, IReadOnlyList<TraceSummary> summaries, bool isNew, CancellationToken cancellationToken)
    {
        BlockEntry[] entries = [.. summaries.Select(summary => new BlockEntry(summary, () => new TraceAggregates()))];
        return isNew ? blocks.AddAsync(key, entries, new TraceAggregates(), cancellationToken) : blocks.RecordAsync(key, entries, cancellationToken);
    }
}
