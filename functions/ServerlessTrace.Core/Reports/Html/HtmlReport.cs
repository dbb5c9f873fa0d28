using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Core.Reports.Html;

/// <summary>
/// The report of a trace as one HTML page: waterfall, flame graph, service map and the sections of the text report. It loads
/// nothing, works from disk, and shows the text report where scripts are off. The trace lies in it as inert JSON.
/// </summary>
public static class HtmlReport
{
    /// <summary>
    /// What the page may do (Content Security Policy 3): run its own script and style, known by their hashes, and nothing else. The page
    /// says so itself; a server sends it as a header, too, since <c>frame-ancestors</c> counts only there.
    /// </summary>
    public static string ContentSecurityPolicy { get; } = PageTemplate.Policy + "; frame-ancestors 'none'";

    /// <summary>Writes the page, UTF-8, synchronously.</summary>
    /// <param name="destination">Where it goes; stays open.</param>
    /// <param name="analysis">The trace.</param>
    /// <param name="isSealed">Whether the trace counts as complete; null where nobody decides that, as offline.</param>
    /// <param name="revision">How many times it was sealed; 0 before.</param>
    public static void Write(Stream destination, TraceAnalysis analysis, bool? isSealed, int revision)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(analysis);
        foreach ((string literal, string? place) in PageTemplate.Parts)
        {
            destination.Write(Encoding.UTF8.GetBytes(literal));
            switch (place)
            {
                case "title":
                    WriteText(destination, Headline.Title(analysis));
                    break;
                case "headline":
                    destination.Write(Encoding.UTF8.GetBytes(Headline.Html(analysis, isSealed, revision)));
                    break;
                case "text":
                    WriteText(destination, TextReport.Of(analysis, new ReportOptions { IsSealed = isSealed, Revision = revision }));
                    break;
                case "data":
                    WriteTrace(destination, analysis);
                    break;
            }
        }
    }

    private static void WriteTrace(Stream destination, TraceAnalysis analysis)
    {
        using var writer = new Utf8JsonWriter(destination, TraceReportJson.Options);
        new EmbeddedTrace(writer, analysis).Write();
    }

    private static void WriteText(Stream destination, string text) =>
        destination.Write(Encoding.UTF8.GetBytes(System.Net.WebUtility.HtmlEncode(text)));
}
