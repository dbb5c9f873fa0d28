using System.Runtime.InteropServices;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Sampling;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Services;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>Makes traces of the chunks of a shard, slice by slice, and decides which of them are sealed and kept. Reads and writes no storage.</summary>
internal sealed class SliceAssembler(
    ServiceDirectory services, AnalysisOptions analysis, SamplingOptions sampling, ForwardOutbox? outbox, ErasedTraces? erased)
{
    /// <summary>Numbers for the blocks of a slice, more than it needs: a trace takes some 30 packed bytes at least.</summary>
    private const int BlocksPerSlice = 32;

    /// <summary>
    /// Unpacks and merges the chunks' parts of the slice's traces, packs every trace that is to be sealed now and kept, and adds up what those of a
    /// block contribute. Chunks that cannot be read are taken out of the pass.
    /// </summary>
    public AssembledSlice Assemble(SealWorkspace workspace, List<OpenChunk> pass, Shard shard, TraceSlice slice, SealDecisions decisions)
    {
        int unreadable = Load(workspace, pass, slice, decisions);
        var drops = new SamplingDrops();
        var ready = new List<SealedTrace>();
        var perHour = new Dictionary<int, int>();
        var aggregators = new Dictionary<BlockKey, TraceAggregator>();
        var names = new BatchNames(workspace.Spans, analysis);
        var sampler = new TailSampler(sampling);
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
                Drop(workspace, range, block, decision, drops);
                continue;
            }

            ref TraceAggregator? aggregator = ref CollectionsMarshal.GetValueRefOrAddDefault(aggregators, block, out _);
            aggregator ??= new TraceAggregator(names, hour);
            ready.Add(Pack(workspace, range, block, aggregator.Add(workspace.Trace, decision.Count)) with { Count = decision.Count });
        }

        return new AssembledSlice(ready, aggregators.ToDictionary(item => item.Key, item => item.Value.Take()), drops, unreadable);
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

    private void Drop(SealWorkspace workspace, TraceRange range, BlockKey block, SamplingDecision decision, SamplingDrops drops)
    {
        // A whole trace has no row yet. What is only a part of one may be late spans of a trace that was kept.
        bool isPart = !TraceCompleteness.IsComplete(workspace.Trace, services.Sends);
        SealedTrace? packed = isPart || outbox is { TakesDropped: true } ? Pack(workspace, range, block, []) with { Count = decision.Count } : null;
        drops.Add(workspace.Trace, isPart ? packed : null);
        if (outbox is { TakesDropped: true })
        {
            drops.ToForward.Add(packed!);
        }
    }

    private static SealedTrace Pack(SealWorkspace workspace, TraceRange range, BlockKey block, IReadOnlyList<BusinessMark> business) => new(
        TraceSummary.Of(workspace.Trace, revision: 1, business), block, workspace.Packer.Pack(workspace.Spans, range.Start, range.Count).ToArray());

    /// <summary>Loads each trace that is to be sealed now; before the first one, the sampler has counted all of them if it has to.</summary>
    private IEnumerable<TraceRange> ToSeal(SealWorkspace workspace, SealDecisions decisions, TailSampler sampler)
    {
        var counted = new List<TraceRange>();
        foreach (TraceRange range in workspace.Merger.Merge(workspace.Spans))
        {
            if (erased is not null && erased.Contains(range.TraceId))
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
}
