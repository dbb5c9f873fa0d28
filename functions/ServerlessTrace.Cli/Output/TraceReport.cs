using System.Text;
using System.Text.Json;
using ServerlessTrace.Cli.Commands;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Reports.Html;

namespace ServerlessTrace.Cli.Output;

/// <summary>The report of one trace in the format that was asked for.</summary>
internal static class TraceReport
{
    /// <summary>Writes it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="analysis">The trace.</param>
    /// <param name="format">One of <see cref="ResultFormat"/>.</param>
    /// <param name="options">How it stands, and whether texts are coloured.</param>
    public static async Task WriteAsync(Stream output, TraceAnalysis analysis, string? format, ReportOptions options)
    {
        switch (format)
        {
            case ResultFormat.Json:
                await using (var json = new Utf8JsonWriter(output, TraceReportJson.Options))
                {
                    TraceReportJson.Write(json, analysis, options.IsSealed ?? true, options.Revision, detailed: true);
                }

                output.WriteByte((byte)'\n');
                return;
            case ResultFormat.Html:
                HtmlReport.Write(output, analysis, options.IsSealed, options.Revision);
                return;
        }

        await using var text = new StreamWriter(output, new UTF8Encoding(false), 64 << 10, leaveOpen: true) { NewLine = "\n" };
        if (format == ResultFormat.Markdown)
        {
            MarkdownReport.Write(text, analysis, options);
        }
        else
        {
            TextReport.Write(text, analysis, options);
        }
    }
}
