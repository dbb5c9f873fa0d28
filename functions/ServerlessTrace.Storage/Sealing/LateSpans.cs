using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>
/// What late spans make of a sealed trace: its next revision, and by how much that changes the aggregates. Not thread-safe: all the work is done in the
/// workspace, whose spans are overwritten.
/// </summary>
internal sealed class LateSpans(SealWorkspace workspace, AnalysisOptions options)
{
    /// <summary>Merges late spans into a trace as it is stored.</summary>
    public TraceChange Merge(StoredTrace stored, SealedTrace late)
    {
        Trace trace = Load(stored.Packed, late.Packed);
        workspace.Watch?.Look(trace);
        ReadOnlyMemory<byte> packed = workspace.Packer.Pack(workspace.Spans, 0, trace.RecordCount).ToArray();
        bool isChanged = !packed.Span.SequenceEqual(stored.Packed.Span);
        (TraceSummary? next, TraceAggregates? sum) = isChanged ? Derive(trace, stored, stored.Revision + 1) : default;
        (TraceSummary former, TraceAggregates formerSum) = Derive(Load(stored.Packed), stored, stored.Revision);
        sum?.Subtract(formerSum);
        return new TraceChange(
            late,
            stored,

            // A copy every time: a block takes over what is merged into it, and an attempt to write the block may have to be repeated.
            new BlockEntry(former, () => AggregateEncoding.Read(stored.Difference.IsEmpty ? AggregateEncoding.Write(formerSum) : stored.Difference.Span)),
            isChanged ? new SealedTrace(next!, stored.Block, packed) { Count = stored.Count, Difference = AggregateEncoding.Write(sum!) } : null);
    }

    /// <summary>What a trace that was never sealed before contributes.</summary>
    public TraceAggregates Contribution(SealedTrace first) => TraceAggregates.Of(Load(first.Packed), first.Block.Hour, first.Count, options);

    private Trace Load(params ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        workspace.Spans.Clear();
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            workspace.Unpacker.Unpack(part.Span, workspace.Spans);
        }

        workspace.Trace.Load(workspace.Spans, workspace.Merger.Merge(workspace.Spans)[0]);
        return workspace.Trace;
    }

    private (TraceSummary Summary, TraceAggregates Sum) Derive(Trace trace, StoredTrace stored, int revision)
    {
        var aggregator = new TraceAggregator(new BatchNames(workspace.Spans, options), stored.Block.Hour);
        IReadOnlyList<BusinessMark> business = aggregator.Add(trace, stored.Count);
        return (TraceSummary.Of(trace, revision, business), aggregator.Take());
    }
}
