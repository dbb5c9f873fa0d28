using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>The summaries of one block: one a trace, of its latest revision.</summary>
internal sealed class SummaryBlock
{
    private readonly Dictionary<TraceId, TraceSummary> _summaries = [];

    public IReadOnlyCollection<TraceSummary> Summaries => _summaries.Values;

    /// <summary>Takes a summary unless the block has it, or a later revision, already; returns whether it did.</summary>
    public bool Put(TraceSummary summary)
    {
        if (_summaries.TryGetValue(summary.TraceId, out TraceSummary? known) && known.Revision >= summary.Revision)
        {
            return false;
        }

        _summaries[summary.TraceId] = summary;
        return true;
    }
}
