using System.Collections.Concurrent;

namespace ServerlessTrace.Core.Spans;

/// <summary>Keeps a few batches between uses: a batch that has grown is worth more than an empty one. Thread-safe.</summary>
/// <param name="kept">How many batches are kept at most; further ones are left to the garbage collector.</param>
public sealed class SpanBatchPool(int kept)
{
    private readonly ConcurrentBag<SpanBatch> _batches = [];

    /// <summary>An empty batch.</summary>
    public SpanBatch Rent() => _batches.TryTake(out SpanBatch? batch) ? batch : new SpanBatch();

    /// <summary>Takes back a batch that nobody uses any more.</summary>
    public void Return(SpanBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_batches.Count < kept)
        {
            batch.Clear();
            _batches.Add(batch);
        }
    }
}
