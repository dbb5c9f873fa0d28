using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>Fields that could not be read, or not as they are written. Each cost its span that field and no more.</summary>
internal static class OddFields
{
    public static void Report(Trace trace, WarningList warnings)
    {
        SpanFlags all = SpanFlags.None;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            all |= trace[i].Flags;
        }

        const SpanFlags Odd = SpanFlags.OddParentId | SpanFlags.OddSpanId | SpanFlags.OddDuration | SpanFlags.OddTime | SpanFlags.OddNumber;
        if ((all & Odd) == 0)
        {
            return;
        }

        void Add(string kind, SpanFlags flag, string text) => warnings.AddCount(kind, Count(trace, flag), text);

        Add("odd-parent-id", SpanFlags.OddParentId, "The parent id of {0} span(s) is all zeros or no id; they have no parent.");
        Add("odd-span-id", SpanFlags.OddSpanId, "The id of {0} span(s) is missing or no id; the ids shown were derived from their records.");
        Add("odd-duration", SpanFlags.OddDuration, "The duration of {0} span(s) is missing, negative or out of range; it is left out.");
        Add("odd-time", SpanFlags.OddTime, "A time of {0} span(s) could not be read; their other times count.");
        Add("odd-number", SpanFlags.OddNumber, "An attribute of {0} span(s) is an integer beyond 64 bits; it is kept as text.");
    }

    private static int Count(Trace trace, SpanFlags flag)
    {
        int count = 0;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            count += (trace[i].Flags & flag) != 0 ? 1 : 0;
        }

        return count;
    }
}
