using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports.Text;

namespace ServerlessTrace.Core.Reports.Markdown;

/// <summary>What the sections of a Markdown report write on. They say the same as those of the text report, and escape it as a whole.</summary>
internal sealed class MarkdownPage(TextWriter destination, TraceAnalysis analysis, ReportOptions options)
{
    public TraceAnalysis Analysis => analysis;

    public Trace Trace => analysis.Trace;

    public ReportOptions Options => options;

    /// <summary>The words of the text report, without its colours.</summary>
    public Page Words { get; } = new(TextWriter.Null, analysis, options with { Ansi = false });

    public void Line(string markdown = "")
    {
        destination.Write(markdown);
        destination.Write('\n');
    }

    public void Section(string title)
    {
        Line();
        Line($"## {title}");
        Line();
    }

    /// <summary>An item of a list: a label of ours, and text that is escaped.</summary>
    public void Item(string label, string text) => Line($"- **{label}:** {MarkdownText.Of(text)}");

    /// <summary>A row of a table, of cells that are Markdown already.</summary>
    public void Row(params ReadOnlySpan<string> cells)
    {
        foreach (string cell in cells)
        {
            destination.Write("| ");
            destination.Write(cell);
            destination.Write(' ');
        }

        Line("|");
    }

    public void More(int count, string what)
    {
        if (count > 0)
        {
            Line();
            Line(string.Create(CultureInfo.InvariantCulture, $"… and {count:N0} more {what}"));
        }
    }
}
