using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>What was stored of a source so far.</summary>
internal sealed class StoredSpans
{
    /// <summary>The traces touched.</summary>
    public DistinctTraces Traces { get; } = new();

    /// <summary>Span parts by service.</summary>
    public ServiceTally Services { get; } = new();

    /// <summary>Span parts.</summary>
    public long Spans { get; private set; }

    /// <summary>Span parts that are not stored, since their traces were erased.</summary>
    public long Erased { get; private set; }

    /// <summary>Values redacted.</summary>
    public long Redacted { get; private set; }

    /// <summary>Why the source could not be read to its end; null where it was, so far.</summary>
    public string? Failure { get; set; }

    /// <summary>Counts the records of a batch; its traces are added when it is written.</summary>
    public void Count(SpanBatch batch, ErasedTraces erased, long redacted)
    {
        int left = 0;
        foreach (ref readonly SpanRecord span in batch.Spans)
        {
            left += erased.Contains(span.TraceId) ? 1 : 0;
        }

        Add(batch, 0, left, redacted);
    }

    /// <summary>Counts the records of a batch from one on, and their traces.</summary>
    public void Count(SpanBatch batch, int from, ErasedTraces erased, long redacted)
    {
        int left = 0;
        TraceId last = default;
        foreach (ref readonly SpanRecord span in batch.Spans[from..])
        {
            if (erased.Contains(span.TraceId))
            {
                left++;
            }
            else if (span.TraceId != last)
            {
                last = span.TraceId;
                Traces.Add(last);
            }
        }

        Add(batch, from, left, redacted);
    }

    private void Add(SpanBatch batch, int from, int left, long redacted)
    {
        Spans += batch.Count - from - left;
        Erased += left;
        Redacted += redacted;
        Services.Add(batch, from);
    }
}
