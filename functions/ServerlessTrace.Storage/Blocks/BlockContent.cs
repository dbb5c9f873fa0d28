using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>
/// What a block holds: one summary a trace, of its latest revision, and what all revisions so far add up to. Both change together, so that a revision is
/// counted once: if and only if its summary is there.
/// </summary>
internal sealed class BlockContent
{
    private readonly Dictionary<TraceId, TraceSummary> _summaries = [];

    public BlockContent(IEnumerable<TraceSummary> summaries, TraceAggregates aggregates)
    {
        foreach (TraceSummary summary in summaries)
        {
            _summaries[summary.TraceId] = summary;
        }

        Aggregates = aggregates;
    }

    public IReadOnlyCollection<TraceSummary> Summaries => _summaries.Values;

    public TraceAggregates Aggregates { get; }

    /// <summary>Takes a revision unless the block has it, or a later one, already; returns whether it did.</summary>
    public bool Put(BlockEntry entry)
    {
        if (_summaries.TryGetValue(entry.Summary.TraceId, out TraceSummary? known) && known.Revision >= entry.Summary.Revision)
        {
            return false;
        }

        _summaries[entry.Summary.TraceId] = entry.Summary;
        Aggregates.Merge(entry.Contribution());
        return true;
    }

    /// <summary>Takes all of a block whose traces this one has none of.</summary>
    public void Merge(BlockContent other)
    {
        foreach ((TraceId trace, TraceSummary summary) in other._summaries)
        {
            _summaries[trace] = summary;
        }

        Aggregates.Merge(other.Aggregates);
    }
}
