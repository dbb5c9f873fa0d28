using System.Collections.Concurrent;

namespace ServerlessTrace.Core.Spans;

/// <summary>Keeps a few batches between uses: a batch that has grown is worth more than an empty one. Thread-safe.</summary>
/// <param name="kept">How many batches are kept at most; further ones are left to the garbage collector.</param>
/// <param name="largest">The size of a batch in bytes above which it is not kept.</param>
public sealed class SpanBatchPool(int kept, long largest = long.MaxValue)
{
    private readonly ConcurrentBag<SpanBatch> _batches = [];

    /// <summary>An empty batch.</summary>
    public SpanBatch Rent() => _batches.TryTake(out SpanBatch? batch) ? batch : new SpanBatch();

    /// <summary>Takes back a batch that nobody uses any more.</summary>
    public void Return(SpanBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_batches.Count < kept && batch.ApproximateSize <= largest)
        {
            batch.Clear();
            _batches.Add(batch);
        }
    }
}
