using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>
/// Records of one span that do not agree. <see cref="SpanMerger"/> makes one span of them; copies of a record, which delivery at least once
/// brings, vanish without a word, for nothing of the trace depends on how often a record came.
/// </summary>
internal static class Duplicates
{
    public static void Report(Trace trace, WarningList warnings)
    {
        int repeated = 0;
        int contradicted = 0;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            repeated += (trace[i].Flags & SpanFlags.Repeated) != 0 ? 1 : 0;
            contradicted += (trace[i].Flags & SpanFlags.Contradicted) != 0 ? 1 : 0;
        }

        warnings.AddCount("duplicate", repeated, "Several records start or end the same span at different times, for {0} span(s); each is one span here, from the earliest start to the latest end.");
        warnings.AddCount("contradiction", contradicted, "Records of {0} span(s) contradict each other in name, service, kind or parent.");
    }
}
