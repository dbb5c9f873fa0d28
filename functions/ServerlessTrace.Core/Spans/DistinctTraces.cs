namespace ServerlessTrace.Core.Spans;

/// <summary>
/// Counts different traces in bounded memory, of however long a source: exactly up to <see cref="Kept"/>, then by a sample. When too many are kept, those
/// whose mixed id has one more bit set are let go, which is about half, and each that stays stands for twice as many (Wegman's adaptive sampling,
/// as Flajolet describes it in "On Adaptive Sampling", 1990). Not thread-safe.
/// </summary>
public sealed class DistinctTraces
{
    /// <summary>How many ids are kept at most; the estimate is then off by some 0.6 %.</summary>
    public const int Kept = 1 << 16;

    private readonly HashSet<TraceId> _sample = [];
    private int _depth;

    /// <summary>How many different traces were added.</summary>
    public long Count => (long)_sample.Count << _depth;

    /// <summary>Whether the count is not estimated.</summary>
    public bool IsExact => _depth == 0;

    /// <summary>Adds a trace, unless it was added before.</summary>
    public void Add(TraceId trace)
    {
        if (!IsSampled(trace))
        {
            return;
        }

        _sample.Add(trace);
        while (_sample.Count > Kept)
        {
            _depth++;
            _sample.RemoveWhere(id => !IsSampled(id));
        }
    }

    /// <summary>Adds traces.</summary>
    public void Add(IEnumerable<TraceId> traces)
    {
        ArgumentNullException.ThrowIfNull(traces);
        foreach (TraceId trace in traces)
        {
            Add(trace);
        }
    }

    /// <summary>Adds what another counted.</summary>
    public void Add(DistinctTraces other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._depth > _depth)
        {
            _depth = other._depth;
            _sample.RemoveWhere(id => !IsSampled(id));
        }

        Add(other._sample);
    }

    // Ids are mixed first: some senders make only part of an id random.
    private bool IsSampled(TraceId trace)
    {
        ulong mixed = (trace.High ^ (trace.Low * 0x9E3779B97F4A7C15)) * 0xC2B2AE3D27D4EB4F;
        mixed ^= mixed >> 32;
        return (mixed & ((1UL << _depth) - 1)) == 0;
    }
}
