using System.Diagnostics;
using ServerlessTrace.Core.Analysis.Aggregates;

namespace ServerlessTrace.Core.Analysis.Latency;

/// <summary>What a series measured in a time: how many there were, how many of them failed, and how long they took. Not thread-safe.</summary>
[DebuggerDisplay("{Count}, {Errors} failed")]
public sealed class LatencyMeasures : IMeasures<LatencyMeasures>
{
    /// <summary>How many traces or spans there were, those without an end too.</summary>
    public AdjustedCount Count { get; private set; }

    /// <summary>How many of them failed.</summary>
    public AdjustedCount Errors { get; private set; }

    /// <summary>The durations of those that ended.</summary>
    public LatencySketch Durations { get; private init; } = new();

    /// <inheritdoc/>
    public bool IsEmpty => Count.Units == 0 && Errors.Units == 0 && Durations.IsEmpty;

    /// <summary>Adds a trace or span.</summary>
    /// <param name="nano">Its duration in ns; null where it has not ended.</param>
    /// <param name="failed">Whether it failed.</param>
    /// <param name="count">How many it stands for; negative to take it back.</param>
    public void Add(long? nano, bool failed, AdjustedCount count)
    {
        Count += count;
        Errors += failed ? count : AdjustedCount.Zero;
        if (nano is { } duration)
        {
            Durations.Add(duration, count);
        }
    }

    /// <inheritdoc/>
    public void Merge(LatencyMeasures other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Count += other.Count;
        Errors += other.Errors;
        Durations.Merge(other.Durations);
    }

    /// <inheritdoc/>
    public void Subtract(LatencyMeasures other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Count -= other.Count;
        Errors -= other.Errors;
        Durations.Subtract(other.Durations);
    }

    /// <summary>Whether both have the same content.</summary>
    public bool ContentEquals(LatencyMeasures other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Count == other.Count && Errors == other.Errors && Durations.ContentEquals(other.Durations);
    }

    /// <inheritdoc/>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);

        // Almost always all of them ended: the sketch knows the count.
        Durations.Write(writer);
        writer.Write7BitEncodedInt64((Count - Durations.Count).Units);
        writer.Write7BitEncodedInt64(Errors.Units);
    }

    /// <inheritdoc/>
    public static LatencyMeasures Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        LatencySketch durations = LatencySketch.Read(reader);
        var unended = new AdjustedCount(reader.Read7BitEncodedInt64());
        return new LatencyMeasures
        {
            Durations = durations,
            Count = durations.Count + unended,
            Errors = new AdjustedCount(reader.Read7BitEncodedInt64()),
        };
    }
}
