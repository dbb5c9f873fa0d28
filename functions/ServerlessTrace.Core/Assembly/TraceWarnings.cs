using System.Globalization;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>Says what is doubtful about an assembled trace.</summary>
public static class TraceWarnings
{
    /// <summary>Times and a reported duration that differ by more than this (and by more than 1 %) contradict each other: 2 ms, since logs often cut to whole milliseconds.</summary>
    private const long ToleranceNano = 2_000_000;

    /// <summary>All warnings of a trace, in a fixed order.</summary>
    public static IReadOnlyList<TraceWarning> Of(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var warnings = new List<TraceWarning>();
        var spans = new Tally();
        for (int i = 0; i < trace.SpanCount; i++)
        {
            spans.Count(in trace[i]);
        }

        Add(warnings, "no-span", trace.SpanCount == 0 ? 1 : 0, "Only events of this trace are known; no span was seen.");
        Add(warnings, "open-span", trace.OpenCount, "{0} span(s) started and have no end yet.");
        Add(warnings, "missing-parent", trace.MissingParentCount, "{0} span(s) name a parent that was not received; they are shown as roots.");
        Add(warnings, "cycle", trace.CycleCount, "{0} cycle(s) of parents were cut at their earliest span.");
        Add(warnings, "several-roots", trace.RootCount - trace.MissingParentCount - trace.CycleCount > 1 ? trace.RootCount : 0, "The trace has {0} roots; the earliest one counts as the root.");
        Add(warnings, "unknown-start", spans.UnknownStarts, "{0} span(s) have neither a start nor a duration; they are shown with no length.");
        Add(warnings, "end-before-start", spans.Reversed, "{0} span(s) end before they start; they are shown with no length.");
        Add(warnings, "duration-conflict", spans.DurationConflicts, "{0} span(s) report a duration that their timestamps contradict; the timestamps count.");
        Add(warnings, "contradiction", spans.Contradicted, "Records of {0} span(s) contradict each other in name, service, kind or parent.");
        Add(warnings, "truncated", spans.Truncated, "{0} span(s) had more or longer attributes than the limits allow; the rest was cut.");
        Add(warnings, "orphan-events", OrphanEvents(trace), "{0} event(s) belong to spans that were not received.");
        return warnings;
    }

    private static int OrphanEvents(Trace trace)
    {
        int count = 0;
        for (int i = trace.SpanCount; i < trace.RecordCount; i++)
        {
            count += trace[i].SpanId.IsZero ? 0 : trace[i].EventCount;
        }

        return count;
    }

    private static void Add(List<TraceWarning> warnings, string kind, int count, string text)
    {
        if (count > 0)
        {
            warnings.Add(new TraceWarning(kind, string.Format(CultureInfo.InvariantCulture, text, count)));
        }
    }

    private struct Tally
    {
        public int UnknownStarts { get; private set; }

        public int Reversed { get; private set; }

        public int DurationConflicts { get; private set; }

        public int Contradicted { get; private set; }

        public int Truncated { get; private set; }

        public void Count(in SpanRecord span)
        {
            bool ended = (span.Flags & SpanFlags.Ended) != 0;
            UnknownStarts += span.StartUnixNano == 0 && span.ReportedDurationNano is null ? 1 : 0;
            Reversed += ended && span.StartUnixNano != 0 && span.EndUnixNano != 0 && span.EndUnixNano < span.StartUnixNano ? 1 : 0;
            DurationConflicts += ended && ContradictsDuration(in span) ? 1 : 0;
            Contradicted += (span.Flags & SpanFlags.Contradicted) != 0 ? 1 : 0;
            Truncated += (span.Flags & SpanFlags.Truncated) != 0 ? 1 : 0;
        }

        private static bool ContradictsDuration(in SpanRecord span)
        {
            if (span.StartUnixNano == 0 || span.EndUnixNano == 0 || span.ReportedDurationNano is not { } reported)
            {
                return false;
            }

            long difference = Math.Abs(span.Duration - reported);
            return difference > ToleranceNano && difference > span.Duration / 100;
        }
    }
}
