using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports.Text;

namespace ServerlessTrace.Core.Reports.Markdown;

/// <summary>What failed and why, what was slow and what to do about it, what it was about, and what is doubtful.</summary>
internal static class DiagnosisSections
{
    public static void WriteErrors(MarkdownPage page)
    {
        page.Section("Error Analysis");
        if (page.Analysis.RootCause is not { } cause)
        {
            page.Line(page.Trace.SpanCount == 0 ? "No span was received." : "No span failed.");
            return;
        }

        page.Item("Root cause", $"{page.Words.Operation(cause.Span)}: {ErrorStory.Reason(cause)}");
        if (cause.Code is not null)
        {
            page.Item("Error code", PlainText.Line(cause.Code, 120));
        }

        page.Item("Where", ErrorStory.Where(page.Words, cause.Span));
        page.Item("Impact", ErrorStory.Impact(page.Words, cause));
        page.Item("Recovery", ErrorStory.Recovery(page.Words, cause));
        foreach (Insight insight in page.Analysis.Insights)
        {
            if (insight.Kind == InsightKind.Error && insight.Spans[0] == cause.Span)
            {
                page.Item("Recommendation", PlainText.Line(insight.Recommendation, 500));
            }
        }

        WriteStack(page, cause);
        WriteOthers(page, cause);
    }

    public static void WriteInsights(MarkdownPage page)
    {
        page.Section("Performance Insights");
        bool any = false;
        foreach (Insight insight in page.Analysis.Insights)
        {
            // Failures have their own section.
            if (insight.Kind != InsightKind.Error)
            {
                any = true;
                page.Item(InsightList.Label(insight.Kind), PlainText.Line(insight.Text, 500));
                page.Line($"  - Recommendation: {MarkdownText.Of(PlainText.Line(insight.Recommendation, 500))}");
            }

            if (insight.Kind == InsightKind.SlowestService)
            {
                page.Item("Fastest service", InsightList.Describe(InsightList.Fastest(page.Analysis.Services)));
            }
        }

        if (!any)
        {
            page.Line("Nothing stands out.");
        }
    }

    public static void WriteBusiness(MarkdownPage page)
    {
        page.Section("Business Context");
        page.Row("Outcome", MarkdownText.Of(BusinessFacts.Outcome(page.Words)));
        page.Row("---", "---");
        foreach (BusinessFact fact in page.Analysis.Business)
        {
            string others = fact.OtherValues == 0
                ? string.Empty
                : string.Create(CultureInfo.InvariantCulture, $" (and {fact.OtherValues} other {(fact.OtherValues == 1 ? "value" : "values")})");
            page.Row(MarkdownText.Of(BusinessFacts.Label(fact.Key)), MarkdownText.Code(PlainText.Line(fact.Value, 200)) + others);
        }
    }

    public static void WriteWarnings(MarkdownPage page)
    {
        if (page.Analysis.Warnings.Count == 0)
        {
            return;
        }

        page.Section("Warnings");
        foreach (TraceWarning warning in page.Analysis.Warnings)
        {
            page.Item(warning.Kind, PlainText.Line(warning.Text, 500));
        }
    }

    private static void WriteStack(MarkdownPage page, SpanError cause)
    {
        if (cause.StackTrace is not { } stack)
        {
            return;
        }

        string[] lines = stack.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        List<string> shown = [.. lines.Take(page.Options.StackLines).Select(static line => PlainText.Line(line.Replace("\t", "  ", StringComparison.Ordinal), 300))];
        if (lines.Length > shown.Count)
        {
            shown.Add(string.Create(CultureInfo.InvariantCulture, $"… {lines.Length - shown.Count:N0} more lines"));
        }

        page.Line();
        page.Line("Stack trace:");
        page.Line();
        page.Line(MarkdownText.Block(shown, "text"));
    }

    private static void WriteOthers(MarkdownPage page, SpanError cause)
    {
        List<SpanError> others = [.. page.Analysis.Errors.Where(error => error.CausedBy != cause.Span)];
        if (others.Count == 0)
        {
            return;
        }

        int shown = Math.Min(others.Count, Math.Max(1, page.Options.ListEntries / 2));
        page.Line();
        page.Row("Also failed", "At", "Reason", "Recovered");
        page.Row("---", "--:", "---", "---");
        foreach (SpanError other in others.Take(shown))
        {
            page.Row(
                MarkdownText.Code(page.Words.Operation(other.Span)), page.Words.Time.Text(page.Analysis.Times.EndOf(other.Span)), MarkdownText.Of(ErrorStory.Reason(other)),
                other.IsRecovered ? "by a later call" : "no");
        }

        page.More(others.Count - shown, "failed spans");
    }
}
