using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>Times that are missing or contradict each other: <see cref="SpanRecord.Start"/> and <see cref="SpanRecord.End"/> say which of them count.</summary>
internal static class DoubtfulTimes
{
    /// <summary>Times and a reported duration that differ by more than this (and by more than 1 %) contradict each other: 2 ms, since logs often cut to whole milliseconds.</summary>
    private const long ToleranceNano = 2_000_000;

    public static void Report(Trace trace, WarningList warnings)
    {
        int unknown = 0;
        int reversed = 0;
        int conflicts = 0;
        int starts = 0;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            ref readonly SpanRecord span = ref trace[i];
            unknown += span.StartUnixNano == 0 && span.ReportedDurationNano is null ? 1 : 0;
            starts += (span.Flags & SpanFlags.TimeReadAsStart) != 0 ? 1 : 0;
            bool complete = (span.Flags & SpanFlags.Ended) != 0 && span.StartUnixNano != 0 && span.EndUnixNano != 0;
            reversed += complete && span.EndUnixNano < span.StartUnixNano ? 1 : 0;
            conflicts += complete && ContradictsDuration(in span) ? 1 : 0;
        }

        warnings.AddCount("unknown-start", unknown, "{0} span(s) have neither a start nor a duration; they are shown with no length.");
        warnings.AddCount(
            "timestamp-is-start",
            starts,
            "The only time of {0} span(s) was read as their start, since children and events lie inside them only then; a setting can say which it is.");
        warnings.AddCount("end-before-start", reversed, "{0} span(s) end before they start; they are shown with no length.");
        warnings.AddCount("duration-conflict", conflicts, "{0} span(s) report a duration that their timestamps contradict; the timestamps count.");
    }

    private static bool ContradictsDuration(in SpanRecord span)
    {
        if (span.ReportedDurationNano is not { } reported)
        {
            return false;
        }

        long difference = Math.Abs(span.Duration - reported);
        return difference > ToleranceNano && difference > span.Duration / 100;
    }
}
