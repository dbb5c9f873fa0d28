using System.Collections.Concurrent;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Sampling;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Services;
using ServerlessTrace.Storage.Telemetry;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>
/// Seals the traces of a shard: merges the open span parts, writes the rows of traces that are complete, quiet or too old,
/// then their summaries, then deletes chunks of which nothing is open. A crash after any step repeats the later ones: a
/// chunk that is still there is looked at again, and a trace that already has all of its spans is left as it is. So nothing
/// is lost or counted twice, whoever else seals at the same time.
/// </summary>
public sealed class ShardSealer(
    ChunkStore chunks, TraceStore traces, BlockStore blocks, ServiceDirectory services, SealOptions options, AnalysisOptions analysis, TimeProvider clock,
    ForwardOutbox? outbox = null, SamplingOptions? sampling = null, DroppedTraces? dropped = null, ErasedTraces? erased = null) : IDisposable
{
    /// <summary>
    /// Packed bytes of a shard that are looked at together: of traces whose parts lie further apart, what is in each pass is sealed by itself first.
    /// </summary>
    private const int PackedBytesPerPass = 32 << 20;

    private const int WritesInFlight = 8;

    private readonly SealPlaces _places = new();
    private readonly SliceAssembler _assembler = new(services, analysis, sampling ?? new SamplingOptions(), outbox, erased);
    private readonly Resealer _resealer = new(traces, blocks, erased);
    private readonly ConcurrentBag<SealWorkspace> _workspaces = [];

    /// <summary>Looks at all that is open in a shard and seals what can be.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="before">Only traces whose newest part came before this are reported as open: later ones are a later window's.</param>
    /// <param name="cancellationToken">Cancels between steps.</param>
    public Task<SealResult> SealAsync(Shard shard, DateTimeOffset before, CancellationToken cancellationToken) =>
        SealAsync(shard, before, null, cancellationToken);

    /// <summary>Looks at all that is open in a shard and seals what can be, and lets somebody see each trace that is sealed.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="before">Only traces whose newest part came before this are reported as open: later ones are a later window's.</param>
    /// <param name="watcher">Who sees them before their chunks are deleted; null for nobody.</param>
    /// <param name="cancellationToken">Cancels between steps.</param>
    public async Task<SealResult> SealAsync(Shard shard, DateTimeOffset before, ISealWatcher? watcher, CancellationToken cancellationToken)
    {
        using IDisposable place = await _places.TakeAsync(shard, cancellationToken).ConfigureAwait(false);
        return await SealOpenAsync(shard, before, watcher, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Frees what it waits with.</summary>
    public void Dispose() => _places.Dispose();

    private async Task<SealResult> SealOpenAsync(Shard shard, DateTimeOffset before, ISealWatcher? watcher, CancellationToken cancellationToken)
    {
        var total = new SealResult(0, 0, 0, 0);
        var pass = new List<OpenChunk>();
        int bytes = 0;
        IDisposable? backlog = null;
        try
        {
            await foreach (IReadOnlyList<OpenChunk> page in chunks.ReadPagesAsync(shard, cancellationToken).ConfigureAwait(false))
            {
                pass.AddRange(page);
                bytes += page.Sum(chunk => chunk.Packed.Length);
                if (bytes > SealPlaces.PackedBytesOfBacklog)
                {
                    backlog ??= await _places.TakeBacklogAsync(cancellationToken).ConfigureAwait(false);
                }

                if (bytes > PackedBytesPerPass)
                {
                    total = Add(total, await SealPassAsync(shard, pass, bytes, before, watcher, cancellationToken).ConfigureAwait(false));
                    pass = [];
                    bytes = 0;
                }
            }

            return pass.Count == 0 ? total : Add(total, await SealPassAsync(shard, pass, bytes, before, watcher, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            backlog?.Dispose();
        }
    }

    private static SealResult Add(SealResult left, SealResult right) => new(
        left.Sealed + right.Sealed,
        left.Resealed + right.Resealed,
        left.Open + right.Open,
        Math.Max(left.DueUnixMs, right.DueUnixMs),
        left.Unreadable + right.Unreadable,
        left.Own + right.Own);

    private async Task<SealResult> SealPassAsync(
        Shard shard, List<OpenChunk> pass, int bytes, DateTimeOffset before, ISealWatcher? watcher, CancellationToken cancellationToken)
    {
        await services.RefreshAsync(cancellationToken).ConfigureAwait(false);
        if (erased is not null)
        {
            await erased.RefreshAsync(cancellationToken).ConfigureAwait(false);
        }

        var decisions = new SealDecisions(options, clock.GetUtcNow(), before);
        var total = new SealResult(0, 0, 0, 0);
        int slices = TraceSlice.CountOf(bytes, SealPlaces.PackedBytesPerSlice);
        for (int slice = 0; slice < slices; slice++)
        {
            using IDisposable room = await _places.TakeRoomAsync(bytes / slices, cancellationToken).ConfigureAwait(false);
            total = Add(total, await SealSliceAsync(shard, pass, new TraceSlice(slice, slices), decisions, watcher, cancellationToken).ConfigureAwait(false));
        }

        await ReleaseAsync(pass, decisions, cancellationToken).ConfigureAwait(false);
        return total with { Open = decisions.Waiting, DueUnixMs = decisions.DueUnixMs };
    }

    private async Task<SealResult> SealSliceAsync(
        Shard shard, List<OpenChunk> pass, TraceSlice slice, SealDecisions decisions, ISealWatcher? watcher, CancellationToken cancellationToken)
    {
        SealWorkspace workspace = _workspaces.TryTake(out SealWorkspace? kept) ? kept : new SealWorkspace();
        try
        {
            workspace.Watch = watcher is null ? null : await watcher.BeginAsync(cancellationToken).ConfigureAwait(false);
            (List<SealedTrace> ready, Dictionary<BlockKey, TraceAggregates> sums, SamplingDrops drops, int unreadable) =
                _assembler.Assemble(workspace, pass, shard, slice, decisions);
            List<ExistingTrace> existing = await traces.AddAsync(ready, cancellationToken).ConfigureAwait(false);
            var late = new LateSpans(workspace, analysis);
            foreach (ExistingTrace trace in existing)
            {
                sums[trace.Late.Block].Subtract(late.Contribution(trace.Late));
            }

            List<SealedTrace> lateParts = await FindLateSpansAsync(drops, cancellationToken).ConfigureAwait(false);
            List<SealedTrace> forwarded = [.. ready, .. outbox is { TakesDropped: true } ? drops.ToForward : lateParts];
            await HandOverAsync(late, forwarded, existing, cancellationToken).ConfigureAwait(false);
            int resealed = await _resealer.ResealAsync(late, existing, cancellationToken).ConfigureAwait(false);
            foreach (SealedTrace part in lateParts)
            {
                resealed += await _resealer.ResealAsync(late, part, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }

            await RecordNewAsync(ready, existing, sums, cancellationToken).ConfigureAwait(false);
            if (workspace.Watch is { } watch)
            {
                await watch.CompleteAsync(cancellationToken).ConfigureAwait(false);
            }

            if (dropped is not null)
            {
                await dropped.AddAsync(drops.Traces, cancellationToken).ConfigureAwait(false);
            }

            int own = ready.Count(static trace => trace.Summary.Services is [StorageTelemetry.ServiceName]);
            return new SealResult(ready.Count - existing.Count, resealed, 0, 0, unreadable, own);
        }
        finally
        {
            if (_workspaces.Count < Environment.ProcessorCount)
            {
                _workspaces.Add(workspace);
            }
        }
    }

    /// <summary>Spans that alone would have been dropped, and belong into rows of traces that were kept.</summary>
    private async Task<List<SealedTrace>> FindLateSpansAsync(SamplingDrops drops, CancellationToken cancellationToken)
    {
        var late = new List<SealedTrace>();
        foreach (SealedTrace part in drops.Parts)
        {
            if (await traces.ExistsAsync(part.Summary.TraceId, cancellationToken).ConfigureAwait(false))
            {
                drops.Remove(part.Summary.TraceId);
                late.Add(part);
            }
        }

        return late;
    }

    /// <summary>
    /// Puts what is to be forwarded into the outbox: new traces, and late spans of others. A trace that has all of its spans already is there because they
    /// were sent again, or because a sealer died right after its row: then its batch is not known, and it is handed over now. Spans that are sent again
    /// together with late ones go again with them.
    /// </summary>
    private async Task HandOverAsync(LateSpans late, List<SealedTrace> ready, List<ExistingTrace> existing, CancellationToken cancellationToken)
    {
        if (outbox is not { IsOn: true })
        {
            return;
        }

        var left = new HashSet<TraceId>();
        var batches = new Dictionary<BlockKey, bool>();
        foreach (ExistingTrace trace in existing.Where(trace => trace.Stored is not null && late.Merge(trace.Stored, trace.Late).Merged is null))
        {
            BlockKey batch = trace.Stored!.Block;
            if (!batches.TryGetValue(batch, out bool isKnown))
            {
                batches[batch] = isKnown = await outbox.KnowsAsync(batch, cancellationToken).ConfigureAwait(false);
            }

            if (isKnown)
            {
                left.Add(trace.Late.Summary.TraceId);
            }
        }

        foreach (IGrouping<BlockKey, SealedTrace> batch in ready.Where(trace => !left.Contains(trace.Summary.TraceId)).GroupBy(trace => trace.Block))
        {
            await outbox.AddAsync(batch.Key, batch.Select(trace => trace.Packed), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RecordNewAsync(
        List<SealedTrace> ready, List<ExistingTrace> existing, Dictionary<BlockKey, TraceAggregates> sums, CancellationToken cancellationToken)
    {
        var known = existing.Select(trace => trace.Late.Summary.TraceId).ToHashSet();
        IEnumerable<IGrouping<BlockKey, SealedTrace>> added = ready.Where(trace => !known.Contains(trace.Summary.TraceId)).GroupBy(trace => trace.Block);
        await Parallel.ForEachAsync(
            added,
            cancellationToken,
            async (block, token) =>
                await blocks.AddAsync(block.Key, [.. block.Select(FirstEntry)], sums[block.Key], token).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>A first revision, whose contribution is rarely asked for: in memory of its own, since several blocks are written at once.</summary>
    private BlockEntry FirstEntry(SealedTrace trace) =>
        new(trace.Summary, () => new LateSpans(new SealWorkspace(), analysis).Contribution(trace));

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
