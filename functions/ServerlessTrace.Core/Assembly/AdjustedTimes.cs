using ServerlessTrace.Core.Assembly.Repair;

namespace ServerlessTrace.Core.Assembly;

/// <summary>
/// The times at which a trace's spans are shown: the recorded ones, shifted where the clock of a span's service evidently differs from its
/// callers' (<see cref="ClockSkew"/>). Durations never change, and the recorded times stay in the spans. All times are ns since 1970 UTC.
/// </summary>
public sealed class AdjustedTimes
{
    private readonly Trace _trace;
    private readonly long[] _shifts;

    /// <summary>Looks for clocks that differ. Linear in the spans; little work where all clocks agree.</summary>
    public AdjustedTimes(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        _trace = trace;
        (_shifts, Clocks) = ClockSkew.Find(trace);
        (Start, End) = IsAdjusted ? Extent() : (trace.Start, trace.End);
    }

    /// <summary>Whether any span is shown at another time than the recorded one.</summary>
    public bool IsAdjusted => _shifts.Length > 0;

    /// <summary>The clocks that were found to differ, in order of their first span.</summary>
    public IReadOnlyList<SkewedClock> Clocks { get; }

    /// <summary>The earliest start of a span as shown; see <see cref="Trace.Start"/>.</summary>
    public long Start { get; }

    /// <summary>The latest end of a span as shown; see <see cref="Trace.End"/>.</summary>
    public long End { get; }

    /// <summary>From the earliest start to the latest end as shown, in ns.</summary>
    public long Duration => End - Start;

    /// <summary>What is added to a span's recorded times, and to those of its events, in ns; 0 for records that are no spans.</summary>
    public long ShiftOf(int span) => span < _shifts.Length ? _shifts[span] : 0;

    /// <summary>When a span is shown to start; 0 where no time is known.</summary>
    public long StartOf(int span) => _trace[span].Start + ShiftOf(span);

    /// <summary>When a span is shown to end.</summary>
    public long EndOf(int span) => _trace[span].End + ShiftOf(span);

    private (long Start, long End) Extent()
    {
        long start = long.MaxValue;
        long end = 0;
        for (int i = 0; i < _trace.SpanCount; i++)
        {
            if (_trace[i].Start != 0)
            {
                start = Math.Min(start, StartOf(i));
                end = Math.Max(end, EndOf(i));
            }
        }

        return (start, end);
    }
}
