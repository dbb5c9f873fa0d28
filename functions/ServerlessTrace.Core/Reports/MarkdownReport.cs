using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Reports.Markdown;

namespace ServerlessTrace.Core.Reports;

/// <summary>The Trace Analysis Report as Markdown, for tickets, pull requests and wikis: GitHub's dialect, readable as it is.</summary>
public static class MarkdownReport
{
    /// <summary>Writes the report of one trace.</summary>
    /// <param name="destination">Where it goes; lines end in a line feed whatever its own line ending is.</param>
    /// <param name="analysis">The trace.</param>
    /// <param name="options">What it shows; the defaults if null. Colours do not apply.</param>
    public static void Write(TextWriter destination, TraceAnalysis analysis, ReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(analysis);
        var page = new MarkdownPage(destination, analysis, options ?? ReportOptions.Default);
        OverviewSections.WriteHeading(page);
        OverviewSections.WriteServices(page);
        OverviewSections.WriteTimeline(page);
        PathSection.Write(page);
        DiagnosisSections.WriteErrors(page);
        DiagnosisSections.WriteInsights(page);
        DiagnosisSections.WriteBusiness(page);
        DiagnosisSections.WriteWarnings(page);
    }

    /// <summary>The report of one trace as a string.</summary>
    public static string Of(TraceAnalysis analysis, ReportOptions? options = null)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Write(text, analysis, options);
        return text.ToString();
    }
}
