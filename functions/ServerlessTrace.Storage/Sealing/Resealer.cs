using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>
/// Makes new revisions of traces that have rows already. A revision is recorded in its block before there is another one, and after it was made: whoever
/// dies in between leaves chunks behind, and whoever looks at those records it.
/// </summary>
internal sealed class Resealer(TraceStore traces, BlockStore blocks, ErasedTraces? erased)
{
    /// <summary>Merges late spans into rows that exist. Returns how many rows changed.</summary>
    public async Task<int> ResealAsync(LateSpans late, List<ExistingTrace> existing, CancellationToken cancellationToken)
    {
        List<TraceChange> read = [.. existing.Where(trace => trace.Stored is not null).Select(trace => late.Merge(trace.Stored!, trace.Late))];

        // Also for unchanged rows: whoever wrote them may have died before their block. And a revision is recorded before there is another one.
        await RecordAsync(read.Select(change => (change.Read.Block, change.Former)), cancellationToken).ConfigureAwait(false);

        List<TraceChange> changes = [.. read.Where(change => change.Merged is not null)];
        List<TraceChange> replaced = await traces.ReplaceAsync(changes, cancellationToken).ConfigureAwait(false);
        await RecordAsync(replaced.Select(change => (change.Read.Block, Entry(change.Merged!))), cancellationToken).ConfigureAwait(false);

        int changed = replaced.Count;
        var done = read.Where(change => change.Merged is null).Concat(replaced).Select(change => change.Late.Summary.TraceId).ToHashSet();
        foreach (ExistingTrace trace in existing.Where(trace => !done.Contains(trace.Late.Summary.TraceId)))
        {
            changed += await ResealAsync(late, trace.Late, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        return changed;
    }

    /// <summary>Merges spans into a trace's row, or adds it if it has gone meanwhile. Returns whether that changed anything.</summary>
    public async Task<bool> ResealAsync(LateSpans late, SealedTrace spans, CancellationToken cancellationToken)
    {
        while (true)
        {
            StoredTrace? stored = await traces.FindAsync(spans.Summary.TraceId, cancellationToken).ConfigureAwait(false);
            if (stored is null)
            {
                if (erased is not null && erased.Contains(spans.Summary.TraceId))
                {
                    return false;
                }

                if ((await traces.AddAsync([spans], cancellationToken).ConfigureAwait(false)).Count == 0)
                {
                    await blocks.RecordAsync(spans.Block, [new BlockEntry(spans.Summary, () => late.Contribution(spans))], cancellationToken).ConfigureAwait(false);
                    return true;
                }

                continue;
            }

            TraceChange change = late.Merge(stored, spans);
            await blocks.RecordAsync(stored.Block, [change.Former], cancellationToken).ConfigureAwait(false);
            if (change.Merged is null)
            {
                return false;
            }

            if (await traces.TryReplaceAsync(change.Merged, stored, cancellationToken).ConfigureAwait(false))
            {
                await blocks.RecordAsync(stored.Block, [Entry(change.Merged)], cancellationToken).ConfigureAwait(false);
                return true;
            }
        }
    }

    /// <summary>A new revision of a trace that was sealed before.</summary>
    private static BlockEntry Entry(SealedTrace merged) => new(merged.Summary, () => AggregateEncoding.Read(merged.Difference.Span));

    private async Task RecordAsync(IEnumerable<(BlockKey Block, BlockEntry Entry)> entries, CancellationToken cancellationToken)
    {
        foreach (IGrouping<BlockKey, (BlockKey Block, BlockEntry Entry)> block in entries.GroupBy(item => item.Block))
        {
            await blocks.RecordAsync(block.Key, [.. block.Select(item => item.Entry)], cancellationToken).ConfigureAwait(false);
        }
    }
}
