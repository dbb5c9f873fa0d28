using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Reports.Text;

namespace ServerlessTrace.Core.Reports;

/// <summary>The Trace Analysis Report for people: plain text, or coloured for a terminal.</summary>
public static class TextReport
{
    /// <summary>Writes the report of one trace.</summary>
    /// <param name="destination">Where it goes; lines end in a line feed whatever its own line ending is.</param>
    /// <param name="analysis">The trace.</param>
    /// <param name="options">How it looks; the defaults if null.</param>
    public static void Write(TextWriter destination, TraceAnalysis analysis, ReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(analysis);
        var page = new Page(destination, analysis, options ?? ReportOptions.Default);
        Heading.Write(page);
        ServiceList.Write(page);
        new Timeline(page).Write();
        PathSteps.Write(page);
        ErrorStory.Write(page);
        InsightList.Write(page);
        BusinessFacts.Write(page);
        WarningList.Write(page);
    }

    /// <summary>The report of one trace as a string.</summary>
    public static string Of(TraceAnalysis analysis, ReportOptions? options = null)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Write(text, analysis, options);
        return text.ToString();
    }
}
