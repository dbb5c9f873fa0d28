using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Sources;

/// <summary>Keeps the records of one trace, and counts the others' traces.</summary>
internal sealed class OneTrace(TraceId wanted)
{
    private readonly HashSet<TraceId> _others = [];
    private readonly SpanBatchCopy _copy = new();

    /// <summary>The trace's records.</summary>
    public SpanBatch Batch { get; } = new();

    /// <summary>How many other traces there are.</summary>
    public int Others => _others.Count;

    /// <summary>Takes the trace's records out of a batch. Thread-safe.</summary>
    public void Take(SpanBatch batch)
    {
        lock (_others)
        {
            bool begun = false;
            TraceId last = default;
            foreach (ref readonly SpanRecord record in batch.Spans)
            {
                if (record.TraceId == wanted)
                {
                    if (!begun)
                    {
                        _copy.Begin(batch, Batch);
                        begun = true;
                    }

                    _copy.Add(in record);
                }
                else if (record.TraceId != last)
                {
                    _others.Add(last = record.TraceId);
                }
            }
        }
    }
}
