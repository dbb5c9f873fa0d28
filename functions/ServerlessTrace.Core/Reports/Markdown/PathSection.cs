using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Reports.Text;

namespace ServerlessTrace.Core.Reports.Markdown;

/// <summary>What the trace waited for: by operation, and step by step.</summary>
internal static class PathSection
{
    public static void Write(MarkdownPage page)
    {
        CriticalPath path = page.Analysis.CriticalPath;
        page.Section($"Critical Path Analysis ({(path.Mode == CriticalPathMode.Strict ? "strict" : "tolerant")})");
        if (!path.IsKnown)
        {
            page.Line("Unknown: the root has not ended.");
            return;
        }

        long total = page.Trace[page.Trace.Root].Duration;
        page.Line($"Total duration: {DurationText.Of(total)}{(total == page.Analysis.Times.Duration ? string.Empty : $" of the root; {DurationText.Of(page.Analysis.Times.Duration)} until the last span ended")}");
        page.Line();
        WriteExclusive(page, total);
        WriteSteps(page, total);
    }

    private static void WriteExclusive(MarkdownPage page, long total)
    {
        IReadOnlyList<ExclusiveTime> times = page.Analysis.Exclusive;
        int shown = Math.Min(times.Count, Math.Max(1, page.Options.ListEntries / 2));
        page.Row("Service", "Operation", "Time", "Share");
        page.Row("---", "---", "--:", "--:");
        foreach (ExclusiveTime time in times.Take(shown))
        {
            page.Row(
                MarkdownText.Code(ServiceList.Name(time.Service)), MarkdownText.Code(time.Operation.Length == 0 ? "(unnamed)" : PlainText.Line(time.Operation, 80)),
                DurationText.Of(time.Nano), MarkdownText.Of(DurationText.Share(time.Nano, total)));
        }

        page.More(times.Count - shown, "operations");
    }

    private static void WriteSteps(MarkdownPage page, long total)
    {
        CriticalPathSection[] sections = page.Analysis.CriticalPath.Sections.ToArray();
        if (sections.Length < 2)
        {
            return;
        }

        // Of a long path the longest steps are worth a row.
        Array.Reverse(sections);
        HashSet<int> shown =
            [.. Enumerable.Range(0, sections.Length).OrderByDescending(step => sections[step].Duration).ThenBy(static step => step).Take(page.Options.ListEntries)];
        page.Line();
        page.Line("Step by step:");
        page.Line();
        page.Row("At", "Length", "Share", "Span", "Operation", "Could save");
        page.Row("--:", "--:", "--:", "---", "---", "--:");
        long skipped = 0;
        for (int i = 0; i < sections.Length; i++)
        {
            if (!shown.Contains(i))
            {
                skipped += sections[i].Duration;
                continue;
            }

            page.Row(
                page.Words.Time.Text(sections[i].Start), DurationText.Of(sections[i].Duration), MarkdownText.Of(DurationText.Share(sections[i].Duration, total)),
                MarkdownText.Code(page.Trace[sections[i].Span].SpanId.ToString()), MarkdownText.Code(page.Words.Operation(sections[i].Span)),
                DurationText.Of(page.Analysis.Slack.Drag[sections[i].Span]));
        }

        page.Line();
        page.Line("“Could save” is how much shorter the root would be if that span, with all below it, took no time.");
        if (skipped > 0)
        {
            page.Line();
            page.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"… and {sections.Length - shown.Count:N0} shorter steps, {DurationText.Of(skipped)} together ({MarkdownText.Of(DurationText.Share(skipped, total))})"));
        }
    }
}
