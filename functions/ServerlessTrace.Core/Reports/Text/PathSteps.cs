using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Reports.Text;

/// <summary>What the trace waited for: by operation, and step by step.</summary>
internal static class PathSteps
{
    private const int BarWidth = 30;

    public static void Write(Page page)
    {
        CriticalPath path = page.Analysis.CriticalPath;
        page.Section($"Critical Path Analysis ({(path.Mode == CriticalPathMode.Strict ? "strict" : "tolerant")})");
        if (!path.IsKnown)
        {
            page.Line("  Unknown: the root has not ended.");
            return;
        }

        Trace trace = page.Trace;
        long total = trace[trace.Root].Duration;
        page.Entry("Total duration", DurationText.Of(total) + (total == page.Analysis.Times.Duration ? string.Empty : $" of the root; {DurationText.Of(page.Analysis.Times.Duration)} until the last span ended"));
        WriteExclusive(page, total);
        WriteSteps(page, total);
    }

    private static void WriteExclusive(Page page, long total)
    {
        IReadOnlyList<ExclusiveTime> times = page.Analysis.Exclusive;
        int shown = Math.Min(times.Count, Math.Max(1, page.Options.ListEntries / 2));
        for (int i = 0; i < shown; i++)
        {
            string service = times[i].Service.Length == 0 ? "unknown service" : PlainText.Line(times[i].Service, 80);
            string operation = times[i].Operation.Length == 0 ? "(unnamed)" : PlainText.Line(times[i].Operation, 80);
            page.Entry($"{service}: {operation}", $"{DurationText.Of(times[i].Nano)} ({DurationText.Share(times[i].Nano, total)} of total time)");
        }

        page.More(times.Count - shown, "operations");
    }

    private static void WriteSteps(Page page, long total)
    {
        ReadOnlySpan<CriticalPathSection> sections = page.Analysis.CriticalPath.Sections;
        if (sections.Length < 2)
        {
            return;
        }

        // Of a long path the longest steps are worth a line.
        long least = Least(sections, page.Options.ListEntries, out int atLeast);
        page.Line("  Step by step:");
        long skipped = 0;
        int skippedCount = 0;
        for (int i = sections.Length - 1; i >= 0; i--)
        {
            CriticalPathSection section = sections[i];
            if (section.Duration < least || (section.Duration == least && atLeast-- <= 0))
            {
                skipped += section.Duration;
                skippedCount++;
                continue;
            }

            string share = DurationText.Share(section.Duration, total).PadLeft(5);
            string length = DurationText.Of(section.Duration).PadLeft(9);
            page.Line($"    {page.Paint(Ink.Faint, page.Time.Of(section.Start))}  {Bar(page, section, total)} {length} {share}  {page.Operation(section.Span)}");
        }

        if (skippedCount > 0)
        {
            page.Line(page.Paint(Ink.Faint, string.Create(
                CultureInfo.InvariantCulture, $"    … and {skippedCount:N0} shorter {(skippedCount == 1 ? "step" : "steps")}, {DurationText.Of(skipped)} together ({DurationText.Share(skipped, total)})")));
        }
    }

    /// <summary>The duration of the shortest step that is shown, and how many of exactly that duration are.</summary>
    private static long Least(ReadOnlySpan<CriticalPathSection> sections, int limit, out int atLeast)
    {
        if (sections.Length <= limit)
        {
            atLeast = int.MaxValue;
            return 0;
        }

        var durations = new long[sections.Length];
        for (int i = 0; i < sections.Length; i++)
        {
            durations[i] = sections[i].Duration;
        }

        Array.Sort(durations);
        long least = durations[^limit];
        atLeast = limit - durations.Count(duration => duration > least);
        return least;
    }

    private static string Bar(Page page, CriticalPathSection section, long total)
    {
        long start = page.Trace[page.Trace.Root].Start;
        int from = (int)((double)(section.Start - start) / total * BarWidth);
        int to = (int)Math.Ceiling((double)(section.End - start) / total * BarWidth);
        from = Math.Clamp(from, 0, BarWidth - 1);
        to = Math.Clamp(to, from + 1, BarWidth);
        return page.Paint(Ink.Faint, new string('·', from)) + page.Paint(Ink.Advice, new string('█', to - from)) + page.Paint(Ink.Faint, new string('·', BarWidth - to));
    }
}
