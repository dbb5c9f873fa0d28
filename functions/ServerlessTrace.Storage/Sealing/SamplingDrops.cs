using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>What sampling does not keep of the traces that are sealed together.</summary>
internal sealed class SamplingDrops
{
    private readonly Dictionary<TraceId, DroppedTrace> _traces = [];
    private readonly List<SealedTrace> _parts = [];

    /// <summary>The traces that are dropped.</summary>
    public IReadOnlyCollection<DroppedTrace> Traces => _traces.Values;

    /// <summary>Notes a trace; where it may be a part of one that has a row, with its packed spans.</summary>
    public void Add(Trace trace, SealedTrace? part)
    {
        string root = trace.SpanCount == 0 ? string.Empty : trace.Batch.Text(trace[Math.Max(0, trace.Root)].Service);
        _traces.Add(trace.Id, new DroppedTrace(trace.Id, BlockKey.HourOf(trace.Start), root, trace.SpanCount));
        if (part is not null)
        {
            _parts.Add(part);
        }
    }

    /// <summary>Dropped traces that are to be forwarded all the same.</summary>
    public List<SealedTrace> ToForward { get; } = [];

    /// <summary>Those that may be a part of a trace that has a row.</summary>
    public IReadOnlyList<SealedTrace> Parts => _parts;

    /// <summary>It was not dropped after all.</summary>
    public void Remove(TraceId trace) => _traces.Remove(trace);
}
