using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Business;

namespace ServerlessTrace.Core.Reports.Story;

/// <summary>A transaction's story as plain text: who called what, when, with which result. Every text from outside is one inert line.</summary>
public static class StoryText
{
    private const int NameLength = 80;
    private const int ReasonLength = 200;

    /// <summary>Said of a trace that is not sealed.</summary>
    internal const string Open = "(open: spans may still arrive)";

    /// <summary>Said where open traces may be missing.</summary>
    internal const string Cut = "More is open than was looked through: traces that are not sealed may be missing.";

    /// <summary>The story as text.</summary>
    public static string Of(BusinessStory story)
    {
        ArgumentNullException.ThrowIfNull(story);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Line(story.Key)} = {Line(story.Value)}: {Count(story.Traces.Count, "trace")}\n");
        foreach (StoryTrace trace in story.Traces)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{Rfc3339.Short(trace.UnixNano)}  trace {trace.TraceId}  {SpanNames.Of(trace.Status)}  {DurationText.Of(trace.DurationNano)}{(trace.IsSealed ? string.Empty : "  " + Open)}\n");
            foreach (BusinessFact fact in trace.Facts)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {Line(fact.Key)}: {Line(fact.Value)}\n");
            }

            foreach (StoryStep step in trace.Steps)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {Rfc3339.Short(step.UnixNano)}  {Who(step)}  {Result(step)}\n");
            }

            if (trace.StepsLeftOut > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"  and {Count(trace.StepsLeftOut, "step")} more\n");
            }
        }

        return text.Append(story.OpenTracesCut ? $"\n{Cut}\n" : string.Empty).ToString();
    }

    /// <summary><c>gateway → orders: POST /orders</c>.</summary>
    internal static string Who(StoryStep step)
    {
        string called = $"{Line(step.Service.Length == 0 ? "unknown service" : step.Service)}: {Line(step.Operation)}";
        return step.Caller.Length == 0 ? called : $"{Line(step.Caller)} → {called}";
    }

    /// <summary><c>OK (12ms)</c>, <c>ERROR (12ms): TIMEOUT: no answer</c>.</summary>
    internal static string Result(StoryStep step)
    {
        string duration = step.DurationNano is { } nano ? $" ({DurationText.Of(nano)})" : string.Empty;
        return step.Reason.Length == 0 ? step.Result + duration : $"{step.Result}{duration}: {PlainText.Line(step.Reason, ReasonLength)}";
    }

    internal static string Line(string text) => PlainText.Line(text, NameLength);

    internal static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? string.Empty : "s")}");
}
