using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Reports.Markdown;

namespace ServerlessTrace.Core.Reports.Story;

/// <summary>A transaction's story as Markdown, a table a trace.</summary>
public static class StoryMarkdown
{
    /// <summary>The story as Markdown.</summary>
    public static string Of(BusinessStory story)
    {
        ArgumentNullException.ThrowIfNull(story);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {Code(story.Key)} = {Code(story.Value)}\n\n{StoryText.Count(story.Traces.Count, "trace")}\n");
        foreach (StoryTrace trace in story.Traces)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## Trace `{trace.TraceId}`\n\n{SpanNames.Of(trace.Status)}, {DurationText.Of(trace.DurationNano)}, from {Rfc3339.Short(trace.UnixNano)}{(trace.IsSealed ? string.Empty : " " + StoryText.Open)}\n\n");
            foreach (BusinessFact fact in trace.Facts)
            {
                text.Append(CultureInfo.InvariantCulture, $"- {MarkdownText.Of(StoryText.Line(fact.Key))}: {Code(fact.Value)}\n");
            }

            text.Append(trace.Facts.Count == 0 ? string.Empty : "\n").Append("| Time | Call | Result |\n|---|---|---|\n");
            foreach (StoryStep step in trace.Steps)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {Rfc3339.Short(step.UnixNano)} | {MarkdownText.Of(StoryText.Who(step))} | {MarkdownText.Of(StoryText.Result(step))} |\n");
            }

            if (trace.StepsLeftOut > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"\nAnd {StoryText.Count(trace.StepsLeftOut, "step")} more.\n");
            }
        }

        return text.Append(story.OpenTracesCut ? $"\n{StoryText.Cut}\n" : string.Empty).ToString();
    }

    private static string Code(string text) => MarkdownText.Code(StoryText.Line(text));
}
