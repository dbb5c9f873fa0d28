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

    /// <summary>The durations of those that failed and ended; null where there are none.</summary>
    private LatencySketch? Failed { get; set; }

    /// <inheritdoc/>
    public bool IsEmpty => Count.Units == 0 && Errors.Units == 0 && Durations.IsEmpty && Failed is not { IsEmpty: false };

    /// <summary>How many failed or took longer than so many ns; one that did both counts once.</summary>
    public AdjustedCount CountBad(long nano)
    {
        AdjustedCount bad = Errors + Durations.CountAbove(nano) - (Failed?.CountAbove(nano) ?? AdjustedCount.Zero);
        return bad > Count ? Count : bad;
    }

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
            if (failed)
            {
                (Failed ??= new LatencySketch()).Add(duration, count);
            }
        }
    }

    /// <inheritdoc/>
    public LatencyMeasures Copy() => new() { Count = Count, Errors = Errors, Durations = Durations.Copy(), Failed = Failed?.Copy() };

    /// <inheritdoc/>
    public void Merge(LatencyMeasures other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Count += other.Count;
        Errors += other.Errors;
        Durations.Merge(other.Durations);
        if (other.Failed is { } failed)
        {
            (Failed ??= new LatencySketch()).Merge(failed);
        }
    }

    /// <inheritdoc/>
    public void Subtract(LatencyMeasures other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Count -= other.Count;
        Errors -= other.Errors;
        Durations.Subtract(other.Durations);
        if (other.Failed is { } failed)
        {
            (Failed ??= new LatencySketch()).Subtract(failed);
        }
    }

    /// <summary>Whether both have the same content.</summary>
    public bool ContentEquals(LatencyMeasures other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Count == other.Count && Errors == other.Errors && Durations.ContentEquals(other.Durations)
            && (Failed ?? new LatencySketch()).ContentEquals(other.Failed ?? new LatencySketch());
    }

    /// <inheritdoc/>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);

        // Almost always all of them ended: the sketch knows the count.
        Durations.Write(writer);
        writer.Write7BitEncodedInt64((Count - Durations.Count).Units);
        writer.Write7BitEncodedInt64((Errors.Units << 1) | (Failed is { IsEmpty: false } ? 1L : 0));
        if (Failed is { IsEmpty: false } failed)
        {
            failed.Write(writer);
        }
    }

    /// <inheritdoc/>
    public static LatencyMeasures Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        LatencyMeasures measures = ReadDurations(reader);
        long errors = reader.Read7BitEncodedInt64();
        measures.Errors = new AdjustedCount(errors >> 1);
        measures.Failed = (errors & 1) == 0 ? null : LatencySketch.Read(reader);
        return measures;
    }

    /// <summary>Reads what was written before the durations of failures were kept: what failed and was slow too counts twice among the bad.</summary>
    /// <exception cref="InvalidDataException">The bytes are no measures.</exception>
    public static LatencyMeasures ReadWithoutFailed(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        LatencyMeasures measures = ReadDurations(reader);
        measures.Errors = new AdjustedCount(reader.Read7BitEncodedInt64());
        return measures;
    }

    private static LatencyMeasures ReadDurations(BinaryReader reader)
    {
        LatencySketch durations = LatencySketch.Read(reader);
        return new LatencyMeasures { Durations = durations, Count = durations.Count + new AdjustedCount(reader.Read7BitEncodedInt64()) };
    }
}
