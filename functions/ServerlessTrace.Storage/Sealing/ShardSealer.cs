using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.RateLimiting;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Assembly;
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

    /// <summary>Packed bytes that are unpacked together, to some 15 times as much.</summary>
    private const int PackedBytesPerSlice = 512 << 10;

    /// <summary>A shard with more has a backlog: such ones take turns.</summary>
    private const int PackedBytesOfBacklog = 1 << 20;

    /// <summary>Numbers for the blocks of a slice, more than it needs: a trace takes some 30 packed bytes at least.</summary>
    private const int BlocksPerSlice = 32;

    private const int WritesInFlight = 8;

    /// <summary>Shards that are looked at at once, for the same reason: activities may be many more, and most of them wait for others.</summary>
    private const int ShardsAtOnce = 8;

    // One for the process, as its memory is.
    private static readonly SemaphoreSlim Places = new(ShardsAtOnce, ShardsAtOnce);

    private readonly SamplingOptions _sampling = sampling ?? new SamplingOptions();
    private readonly ConcurrentBag<SealWorkspace> _workspaces = [];
    private readonly SemaphoreSlim[] _turns = [.. Shard.All.Select(_ => new SemaphoreSlim(1, 1))];
    private readonly SemaphoreSlim _backlog = new(1, 1);

    // A permit is a packed byte. However many shards are looked at, as much is unpacked at once as there are cores to work on it.
    private readonly ConcurrencyLimiter _unpacked = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = PackedBytesPerSlice * Math.Max(2, Environment.ProcessorCount),
        QueueLimit = int.MaxValue,
    });

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
        // Two at once would do the same work twice, rightly but for nothing.
        await _turns[shard.Number].WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Places.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await SealOpenAsync(shard, before, watcher, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                Places.Release();
            }
        }
        finally
        {
            _turns[shard.Number].Release();
        }
    }

    /// <summary>Frees what it waits with.</summary>
    public void Dispose()
    {
        _unpacked.Dispose();
        _backlog.Dispose();
        foreach (SemaphoreSlim turn in _turns)
        {
            turn.Dispose();
        }
    }

    private async Task<SealResult> SealOpenAsync(Shard shard, DateTimeOffset before, ISealWatcher? watcher, CancellationToken cancellationToken)
    {
        var total = new SealResult(0, 0, 0, 0);
        var pass = new List<OpenChunk>();
        int bytes = 0;
        bool isBacklog = false;
        try
        {
            await foreach (IReadOnlyList<OpenChunk> page in chunks.ReadPagesAsync(shard, cancellationToken).ConfigureAwait(false))
            {
                pass.AddRange(page);
                bytes += page.Sum(chunk => chunk.Packed.Length);
                if (bytes > PackedBytesOfBacklog && !isBacklog)
                {
                    await _backlog.WaitAsync(cancellationToken).ConfigureAwait(false);
                    isBacklog = true;
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
            if (isBacklog)
            {
                _backlog.Release();
            }
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
        int slices = Math.Max(1, (bytes + PackedBytesPerSlice - 1) / PackedBytesPerSlice);
        for (int slice = 0; slice < slices; slice++)
        {
            using RateLimitLease room = await _unpacked.AcquireAsync(bytes / slices, cancellationToken).ConfigureAwait(false);
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
            int unreadable = Load(workspace, pass, slice, decisions);
            var drops = new SamplingDrops();
            (List<SealedTrace> ready, Dictionary<BlockKey, TraceAggregates> sums) = Assemble(workspace, shard, slice, decisions, drops);
            List<ExistingTrace> existing = await traces.AddAsync(ready, cancellationToken).ConfigureAwait(false);
            var late = new LateSpans(workspace, analysis);
            foreach (ExistingTrace trace in existing)
            {
                sums[trace.Late.Block].Subtract(late.Contribution(trace.Late));
            }

            List<SealedTrace> lateParts = await FindLateSpansAsync(drops, cancellationToken).ConfigureAwait(false);
            List<SealedTrace> forwarded = [.. ready, .. outbox is { TakesDropped: true } ? drops.ToForward : lateParts];
            await HandOverAsync(late, forwarded, existing, cancellationToken).ConfigureAwait(false);
            int resealed = await ResealAsync(late, existing, cancellationToken).ConfigureAwait(false);
            foreach (SealedTrace part in lateParts)
            {
                resealed += await ResealAsync(late, part, cancellationToken).ConfigureAwait(false) ? 1 : 0;
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

    /// <summary>
    /// Unpacks the chunks' parts of the slice's traces. A chunk that cannot be read is taken out, and counted: it stays, and keeps no other from
    /// being sealed.
    /// </summary>
    private static int Load(SealWorkspace workspace, List<OpenChunk> pass, TraceSlice slice, SealDecisions decisions)
    {
        workspace.Spans.Clear();
        int readable = 0;
        return pass.RemoveAll(chunk =>
        {
            int from = workspace.Spans.Count;
            try
            {
                workspace.Unpack(chunk.Packed.Span, slice);
            }
            catch (InvalidDataException)
            {
                return true;
            }

            decisions.Arrived(readable++, workspace.Spans.Spans[from..], chunk.WrittenAt);
            return false;
        });
    }

    /// <summary>Merges the chunks' parts, packs every trace that is to be sealed now and kept, and adds up what those of a block contribute.</summary>
    private (List<SealedTrace> Ready, Dictionary<BlockKey, TraceAggregates> Sums) Assemble(
        SealWorkspace workspace, Shard shard, TraceSlice slice, SealDecisions decisions, SamplingDrops drops)
    {
        var ready = new List<SealedTrace>();
        var perHour = new Dictionary<int, int>();
        var aggregators = new Dictionary<BlockKey, TraceAggregator>();
        var names = new BatchNames(workspace.Spans, analysis);
        var sampler = new TailSampler(_sampling);
        long now = decisions.Now.ToUnixTimeMilliseconds();
        foreach (TraceRange range in ToSeal(workspace, decisions, sampler))
        {
            bool isRuleHit = workspace.Watch?.Look(workspace.Trace) == true;
            SamplingDecision decision = sampler.Decide(workspace.Trace, isRuleHit);
            int hour = BlockKey.HourOf(workspace.Trace.Start);
            int number = CollectionsMarshal.GetValueRefOrAddDefault(perHour, hour, out _)++;
            var block = new BlockKey(hour, shard, now, (slice.Number * BlocksPerSlice) + (number / BlockStore.SummariesPerBlock));
            if (!decision.IsKept)
            {
                // A whole trace has no row yet. What is only a part of one may be late spans of a trace that was kept.
                bool isPart = !TraceCompleteness.IsComplete(workspace.Trace, services.Sends);
                SealedTrace? packed = isPart || outbox is { TakesDropped: true } ? Pack(workspace, range, block, []) with { Count = decision.Count } : null;
                drops.Add(workspace.Trace, isPart ? packed : null);
                if (outbox is { TakesDropped: true })
                {
                    drops.ToForward.Add(packed!);
                }

                continue;
            }

            ref TraceAggregator? aggregator = ref CollectionsMarshal.GetValueRefOrAddDefault(aggregators, block, out _);
            aggregator ??= new TraceAggregator(names, hour);
            ready.Add(Pack(workspace, range, block, aggregator.Add(workspace.Trace, decision.Count)) with { Count = decision.Count });
        }

        return (ready, aggregators.ToDictionary(item => item.Key, item => item.Value.Take()));
    }

    private static SealedTrace Pack(SealWorkspace workspace, TraceRange range, BlockKey block, IReadOnlyList<BusinessMark> business) => new(
        TraceSummary.Of(workspace.Trace, revision: 1, business), block, workspace.Packer.Pack(workspace.Spans, range.Start, range.Count).ToArray());

    /// <summary>Loads each trace that is to be sealed now; before the first one, the sampler has counted all of them if it has to.</summary>
    private IEnumerable<TraceRange> ToSeal(SealWorkspace workspace, SealDecisions decisions, TailSampler sampler)
    {
        var counted = new List<TraceRange>();
        foreach (TraceRange range in workspace.Merger.Merge(workspace.Spans))
        {
            if (IsErased(range.TraceId))
            {
                // Not noted as open: its chunk goes, or loses it.
                continue;
            }

            workspace.Trace.Load(workspace.Spans, range);
            if (!decisions.Seal(workspace.Trace, services.Sends))
            {
                continue;
            }

            if (sampler.CountsFirst)
            {
                sampler.Count(workspace.Trace);
                counted.Add(range);
            }
            else
            {
                yield return range;
            }
        }

        foreach (TraceRange range in counted)
        {
            workspace.Trace.Load(workspace.Spans, range);
            yield return range;
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

    /// <summary>Merges late spans into rows that exist. Returns how many rows changed.</summary>
    private async Task<int> ResealAsync(LateSpans late, List<ExistingTrace> existing, CancellationToken cancellationToken)
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

    private async Task<bool> ResealAsync(LateSpans late, SealedTrace spans, CancellationToken cancellationToken)
    {
        while (true)
        {
            StoredTrace? stored = await traces.FindAsync(spans.Summary.TraceId, cancellationToken).ConfigureAwait(false);
            if (stored is null)
            {
                if (IsErased(spans.Summary.TraceId))
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

    private bool IsErased(TraceId trace) => erased is not null && erased.Contains(trace);

    /// <summary>A new revision of a trace that was sealed before.</summary>
    private static BlockEntry Entry(SealedTrace merged) => new(merged.Summary, () => AggregateEncoding.Read(merged.Difference.Span));

    private async Task RecordAsync(IEnumerable<(BlockKey Block, BlockEntry Entry)> entries, CancellationToken cancellationToken)
    {
        foreach (IGrouping<BlockKey, (BlockKey Block, BlockEntry Entry)> block in entries.GroupBy(item => item.Block))
        {
            await blocks.RecordAsync(block.Key, [.. block.Select(item => item.Entry)], cancellationToken).ConfigureAwait(false);
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
