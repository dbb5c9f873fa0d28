using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Reports.Text;

/// <summary>What the sections of a text report write on.</summary>
internal sealed class Page(TextWriter destination, TraceAnalysis analysis, ReportOptions options)
{
    public TraceAnalysis Analysis => analysis;

    public Trace Trace => analysis.Trace;

    public ReportOptions Options => options;

    public RelativeTime Time { get; } = new(analysis.Times.Start, analysis.Times.Duration);

    public void Line(string text = "")
    {
        destination.Write(text);
        destination.Write('\n');
    }

    public void Section(string title)
    {
        Line();
        Line(Paint(Ink.Title, title + ":"));
    }

    /// <summary>An entry of a section: <c>- Label: text</c>.</summary>
    public void Entry(string label, string text) => Line($"  - {Paint(Ink.Notable, label + ":")} {text}");

    public void More(int count, string what)
    {
        if (count > 0)
        {
            Line(Paint(Ink.Faint, string.Create(CultureInfo.InvariantCulture, $"  … and {count:N0} more {what}")));
        }
    }

    public string Paint(Ink ink, string text) => !options.Ansi || ink == Ink.Plain ? text : $"\u001b[{Code(ink)}m{text}\u001b[0m";

    /// <summary>A text of the batch as one inert line.</summary>
    public string Text(int id, string otherwise) => id == 0 ? otherwise : PlainText.Line(Trace.Batch.Text(id), 80);

    /// <summary>Service and operation of a span, inert.</summary>
    public string Operation(int span)
    {
        ref readonly SpanRecord record = ref Trace[span];
        return $"{Text(record.Service, "unknown service")}: {Text(record.Name, "(unnamed)")}";
    }

    private static string Code(Ink ink) => ink switch
    {
        Ink.Title => "1",
        Ink.Faint => "2",
        Ink.Good => "32",
        Ink.Bad => "1;31",
        Ink.Notable => "36",
        _ => "33",
    };
}
