using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>What could not be kept whole: attributes beyond the limits, and events whose span never came.</summary>
internal static class LeftOvers
{
    public static void Report(Trace trace, WarningList warnings)
    {
        int truncated = 0;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            truncated += (trace[i].Flags & SpanFlags.Truncated) != 0 ? 1 : 0;
        }

        int orphans = 0;
        for (int i = trace.SpanCount; i < trace.RecordCount; i++)
        {
            orphans += trace[i].SpanId.IsZero ? 0 : trace[i].EventCount;
        }

        warnings.AddCount("truncated", truncated, "{0} span(s) had more or longer attributes than the limits allow; the rest was cut.");
        warnings.AddCount("orphan-events", orphans, "{0} event(s) belong to spans that were not received.");
    }
}
