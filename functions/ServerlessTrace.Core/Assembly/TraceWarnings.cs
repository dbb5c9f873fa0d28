using ServerlessTrace.Core.Assembly.Repair;

namespace ServerlessTrace.Core.Assembly;

/// <summary>Says what is doubtful about an assembled trace, and what <see cref="RepairPasses"/> made of it.</summary>
public static class TraceWarnings
{
    /// <summary>All warnings of a trace, in a fixed order.</summary>
    public static IReadOnlyList<TraceWarning> Of(Trace trace) => Of(trace, new AdjustedTimes(trace));

    /// <summary>All warnings of a trace whose times were adjusted already.</summary>
    public static IReadOnlyList<TraceWarning> Of(Trace trace, AdjustedTimes times)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(times);
        return RepairPasses.Report(trace, times);
    }
}
