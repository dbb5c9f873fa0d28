using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Services;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>
/// Seals the traces of a shard: merges the open span parts, writes the rows of traces that are complete, quiet or too old,
/// then their summaries, then deletes chunks of which nothing is open. A crash after any step repeats the later ones: a
/// chunk that is still there is looked at again, and a trace that already has all of its spans is left as it is. So nothing
/// is lost or counted twice, whoever else seals at the same time.
/// </summary>
public sealed class ShardSealer(
    ChunkStore chunks, TraceStore traces, BlockStore blocks, ServiceDirectory services, SealOptions options, TimeProvider clock)
{
    /// <summary>Packed bytes that are looked at together, so that a backlog does not fill the memory.</summary>
    private const int PackedBytesPerPass = 16 << 20;

    private const int WritesInFlight = 8;

    private readonly ConcurrentBag<SealWorkspace> _workspaces = [];
    private readonly SemaphoreSlim[] _turns = [.. Shard.All.Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Looks at all that is open in a shard and seals what can be.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="before">Only traces whose newest part came before this are reported as open: later ones are a later window's.</param>
    /// <param name="cancellationToken">Cancels between steps.</param>
    public async Task<SealResult> SealAsync(Shard shard, DateTimeOffset before, CancellationToken cancellationToken)
    {
        // Two at once would do the same work twice, rightly but for nothing.
        await _turns[shard.Number].WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            List<OpenChunk> open = await chunks.ReadAsync(shard, cancellationToken).ConfigureAwait(false);
            var total = new SealResult(0, 0, 0, 0);
            if (open.Count == 0)
            {
                return total;
            }

            await services.RefreshAsync(cancellationToken).ConfigureAwait(false);
            foreach (List<OpenChunk> pass in Passes(open))
            {
                total = Add(total, await SealPassAsync(shard, pass, before, cancellationToken).ConfigureAwait(false));
            }

            return total;
        }
        finally
        {
            _turns[shard.Number].Release();
        }
    }

    private static IEnumerable<List<OpenChunk>> Passes(List<OpenChunk> open)
    {
        var pass = new List<OpenChunk>();
        long bytes = 0;
        foreach (OpenChunk chunk in open)
        {
            if (pass.Count > 0 && bytes + chunk.Packed.Length > PackedBytesPerPass)
            {
                yield return pass;
                pass = [];
                bytes = 0;
            }

            pass.Add(chunk);
            bytes += chunk.Packed.Length;
        }

        yield return pass;
    }

    private static SealResult Add(SealResult left, SealResult right) => new(
        left.Sealed + right.Sealed,
        left.Resealed + right.Resealed,
        left.Open + right.Open,
        Math.Max(left.DueUnixMs, right.DueUnixMs),
        left.Unreadable + right.Unreadable);

    private async Task<SealResult> SealPassAsync(Shard shard, List<OpenChunk> pass, DateTimeOffset before, CancellationToken cancellationToken)
    {
        SealWorkspace workspace = _workspaces.TryTake(out SealWorkspace? kept) ? kept : new SealWorkspace();
        try
        {
            var decisions = new SealDecisions(options, clock.GetUtcNow(), before);
            int unreadable = Load(workspace, pass, decisions);
            List<SealedTrace> ready = Assemble(workspace, shard, decisions);
            List<ExistingTrace> existing = await traces.AddAsync(ready, cancellationToken).ConfigureAwait(false);
            int resealed = await ResealAsync(workspace, existing, cancellationToken).ConfigureAwait(false);
            await RecordNewAsync(ready, existing, cancellationToken).ConfigureAwait(false);
            await ReleaseAsync(pass, decisions, cancellationToken).ConfigureAwait(false);
            return new SealResult(ready.Count - existing.Count, resealed, decisions.Waiting, decisions.DueUnixMs, unreadable);
        }
        finally
        {
            _workspaces.Add(workspace);
        }
    }

    /// <summary>
    /// Unpacks the chunks' parts. One that cannot be read is taken out, and counted: it stays, and keeps no other from being sealed.
    /// </summary>
    private static int Load(SealWorkspace workspace, List<OpenChunk> pass, SealDecisions decisions)
    {
        workspace.Spans.Clear();
        return pass.RemoveAll(chunk =>
        {
            int from = workspace.Spans.Count;
            try
            {
                workspace.Unpacker.Unpack(chunk.Packed.Span, workspace.Spans);
            }
            catch (InvalidDataException)
            {
                return true;
            }

            decisions.Arrived(workspace.Spans.Spans[from..], chunk.WrittenAt);
            return false;
        });
    }

    /// <summary>Merges the chunks' parts and packs every trace that is to be sealed now.</summary>
    private List<SealedTrace> Assemble(SealWorkspace workspace, Shard shard, SealDecisions decisions)
    {
        var ready = new List<SealedTrace>();
        var perHour = new Dictionary<int, int>();
        long now = decisions.Now.ToUnixTimeMilliseconds();
        foreach (TraceRange range in workspace.Merger.Merge(workspace.Spans))
        {
            workspace.Trace.Load(workspace.Spans, range);
            if (decisions.Seal(workspace.Trace, services.Sends))
            {
                int hour = BlockKey.HourOf(workspace.Trace.Start);
                int number = CollectionsMarshal.GetValueRefOrAddDefault(perHour, hour, out _)++;
                ready.Add(new SealedTrace(
                    TraceSummary.Of(workspace.Trace, revision: 1),
                    new BlockKey(hour, shard, now, number / BlockStore.SummariesPerBlock),
                    workspace.Packer.Pack(workspace.Spans, range.Start, range.Count).ToArray()));
            }
        }

        return ready;
    }

    /// <summary>Merges late spans into rows that exist. Returns how many rows changed.</summary>
    private async Task<int> ResealAsync(SealWorkspace workspace, List<ExistingTrace> existing, CancellationToken cancellationToken)
    {
        var summaries = new List<(BlockKey Block, TraceSummary Summary)>();
        var changes = new List<TraceChange>();
        var oneByOne = new List<SealedTrace>();
        foreach ((SealedTrace late, StoredTrace? stored) in existing)
        {
            if (stored is null)
            {
                oneByOne.Add(late);
                continue;
            }

            SealedTrace merged = Merge(workspace, stored, late);
            if (merged.Packed.Span.SequenceEqual(stored.Packed.Span))
            {
                summaries.Add((stored.Block, merged.Summary with { Revision = stored.Revision }));
            }
            else
            {
                changes.Add(new TraceChange(late, stored, merged));
            }
        }

        int changed = 0;
        var replaced = new HashSet<TraceId>();
        foreach (TraceChange change in await traces.ReplaceAsync(changes, cancellationToken).ConfigureAwait(false))
        {
            changed++;
            replaced.Add(change.Late.Summary.TraceId);
            summaries.Add((change.Merged.Block, change.Merged.Summary));
        }

        oneByOne.AddRange(changes.Where(change => !replaced.Contains(change.Late.Summary.TraceId)).Select(change => change.Late));
        foreach (SealedTrace late in oneByOne)
        {
            (SealedTrace current, bool isChanged) = await ResealAsync(workspace, late, cancellationToken).ConfigureAwait(false);
            changed += isChanged ? 1 : 0;
            summaries.Add((current.Block, current.Summary));
        }

        // Also for unchanged rows: whoever wrote them may have died before their summaries.
        foreach (IGrouping<BlockKey, (BlockKey Block, TraceSummary Summary)> block in summaries.GroupBy(item => item.Block))
        {
            await blocks.RecordAsync(block.Key, [.. block.Select(item => item.Summary)], isNew: false, cancellationToken).ConfigureAwait(false);
        }

        return changed;
    }

    private async Task<(SealedTrace Current, bool IsChanged)> ResealAsync(SealWorkspace workspace, SealedTrace late, CancellationToken cancellationToken)
    {
        while (true)
        {
            StoredTrace? stored = await traces.FindAsync(late.Summary.TraceId, cancellationToken).ConfigureAwait(false);
            if (stored is null)
            {
                if ((await traces.AddAsync([late], cancellationToken).ConfigureAwait(false)).Count == 0)
                {
                    return (late, true);
                }

                continue;
            }

            SealedTrace merged = Merge(workspace, stored, late);
            if (merged.Packed.Span.SequenceEqual(stored.Packed.Span))
            {
                return (merged with { Summary = merged.Summary with { Revision = stored.Revision } }, false);
            }

            if (await traces.TryReplaceAsync(merged, stored, cancellationToken).ConfigureAwait(false))
            {
                return (merged, true);
            }
        }
    }

    private static SealedTrace Merge(SealWorkspace workspace, StoredTrace stored, SealedTrace late)
    {
        workspace.Spans.Clear();
        workspace.Unpacker.Unpack(stored.Packed.Span, workspace.Spans);
        workspace.Unpacker.Unpack(late.Packed.Span, workspace.Spans);
        TraceRange range = workspace.Merger.Merge(workspace.Spans)[0];
        workspace.Trace.Load(workspace.Spans, range);
        return new SealedTrace(
            TraceSummary.Of(workspace.Trace, stored.Revision + 1),
            stored.Block,
            workspace.Packer.Pack(workspace.Spans, range.Start, range.Count).ToArray());
    }

    private async Task RecordNewAsync(List<SealedTrace> ready, List<ExistingTrace> existing, CancellationToken cancellationToken)
    {
        var known = existing.Select(trace => trace.Late.Summary.TraceId).ToHashSet();
        IEnumerable<IGrouping<BlockKey, SealedTrace>> added = ready.Where(trace => !known.Contains(trace.Summary.TraceId)).GroupBy(trace => trace.Block);
        await Parallel.ForEachAsync(
            added,
            cancellationToken,
            async (block, token) =>
                await blocks.RecordAsync(block.Key, [.. block.Select(trace => trace.Summary)], isNew: true, token).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>Deletes chunks of which nothing is open, and shrinks those of which something was sealed.</summary>
    private async Task ReleaseAsync(List<OpenChunk> pass, SealDecisions decisions, CancellationToken cancellationToken)
    {
        var done = new List<OpenChunk>();
        var shrinking = new List<OpenChunk>();
        for (int i = 0; i < pass.Count; i++)
        {
            (int open, int total) = decisions.OpenTraces(i);
            if (open == 0)
            {
                done.Add(pass[i]);
            }
            else if (open < total)
            {
                shrinking.Add(pass[i]);
            }
        }

        await Parallel.ForEachAsync(
            shrinking,
            new ParallelOptions { MaxDegreeOfParallelism = WritesInFlight, CancellationToken = cancellationToken },
            async (chunk, token) => await chunks.KeepOnlyAsync(chunk, decisions.IsOpen, token).ConfigureAwait(false)).ConfigureAwait(false);
        await chunks.DeleteAsync(done, cancellationToken).ConfigureAwait(false);
    }
}
