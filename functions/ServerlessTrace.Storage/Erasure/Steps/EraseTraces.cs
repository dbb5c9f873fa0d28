using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>
/// Erases sealed traces: from the index of business values, then from the blocks with their summaries, at last their rows, by which they are found. What the traces
/// added to sums stays: it names none of them.
/// </summary>
internal sealed class EraseTraces(ErasureStore store, TraceStore traces, BlockStore blocks, BusinessIndex index) : IErasureStep
{
    private const int ReadsInFlight = 16;

    public string Name => "rows";

    public async Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken)
    {
        await foreach ((string name, IReadOnlyList<ErasureEntry> entries) in store.ReadBatchesAsync(scope.Record.Id, from, cancellationToken).ConfigureAwait(false))
        {
            return new ErasureProgress(await EraseAsync(scope, name, entries, cancellationToken).ConfigureAwait(false), name);
        }

        return new ErasureProgress(0, null);
    }

    private async Task<int> EraseAsync(ErasureScope scope, string name, IReadOnlyList<ErasureEntry> listed, CancellationToken cancellationToken)
    {
        ErasureEntry[] entries = [.. listed];
        await Parallel.ForAsync(
            0,
            entries.Length,
            new ParallelOptions { MaxDegreeOfParallelism = ReadsInFlight, CancellationToken = cancellationToken },
            async (i, token) => entries[i] = await LookAsync(entries[i], token).ConfigureAwait(false)).ConfigureAwait(false);

        var byBlock = entries.Where(entry => entry.BlockKey is not null).ToLookup(entry => entry.BlockKey!.Value, entry => entry.Id);
        await NoteMarksAsync(entries, byBlock, cancellationToken).ConfigureAwait(false);

        // Only now, with all that the rest needs written down, is anything deleted.
        await store.WriteBatchAsync(scope.Record.Id, name, entries, cancellationToken).ConfigureAwait(false);
        var all = entries.Select(entry => entry.Id).ToHashSet();
        int erased = await EraseFromIndexAsync(entries, all, cancellationToken).ConfigureAwait(false);
        foreach (IGrouping<BlockKey, TraceId> block in byBlock)
        {
            bool IsOfValue(AttributeSeries series) => scope.Target.IsValue(series.Name, series.Value);
            erased += await blocks.RemoveAsync(block.Key, block.ToHashSet(), IsOfValue, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        TraceId[] spilled = [.. entries.Where(entry => entry.IsSpilled).Select(entry => entry.Id)];
        return erased + await traces.DeleteAsync(all, spilled, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Where a trace is now: a sealer that did not know of the erasure yet may have sealed it once more.</summary>
    private async Task<ErasureEntry> LookAsync(ErasureEntry entry, CancellationToken cancellationToken) =>
        await traces.FindPlaceAsync(entry.Id, cancellationToken).ConfigureAwait(false) is var (block, isSpilled)
            ? entry with { IsFound = true, Hour = block.Hour, Block = block.RowKey, IsSpilled = entry.IsSpilled || isSpilled }
            : entry;

    private async Task NoteMarksAsync(ErasureEntry[] entries, ILookup<BlockKey, TraceId> byBlock, CancellationToken cancellationToken)
    {
        var marks = new Dictionary<TraceId, IReadOnlyList<BusinessMark>>();
        foreach (IGrouping<BlockKey, TraceId> block in byBlock)
        {
            foreach (TraceSummary summary in await blocks.FindAsync(block.Key, block.ToHashSet(), cancellationToken).ConfigureAwait(false))
            {
                marks[summary.TraceId] = summary.Business;
            }
        }

        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = marks.TryGetValue(entries[i].Id, out IReadOnlyList<BusinessMark>? found) ? entries[i].WithMarks(found) : entries[i];
        }
    }

    private async Task<int> EraseFromIndexAsync(ErasureEntry[] entries, HashSet<TraceId> all, CancellationToken cancellationToken)
    {
        var marks = entries.SelectMany(entry => entry.Marks).Select(hash => new BusinessMark(hash)).ToHashSet();
        ErasureEntry[] sealedOnes = [.. entries.Where(entry => entry.Block is not null)];
        return marks.Count == 0 || sealedOnes.Length == 0
            ? 0
            : await index.RemoveAsync(marks, sealedOnes.Min(entry => entry.Hour), sealedOnes.Max(entry => entry.Hour), all, cancellationToken).ConfigureAwait(false);
    }
}
