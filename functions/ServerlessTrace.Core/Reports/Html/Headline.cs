using System.Globalization;
using System.Net;
using System.Text;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Reports.Html;

/// <summary>Which trace it is and how it went: the top of the page, there without scripts, too.</summary>
internal static class Headline
{
    /// <summary>The page's title, not escaped.</summary>
    public static string Title(TraceAnalysis analysis) => $"{Mark(analysis.Trace.Status)} {Name(analysis.Trace)} · {DurationText.Of(analysis.Times.Duration)} · trace {analysis.Trace.Id}";

    /// <summary>The top of the page as HTML.</summary>
    public static string Html(TraceAnalysis analysis, bool? isSealed, int revision)
    {
        Trace trace = analysis.Trace;
        string status = SpanNames.Of(trace.Status);
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"status status-{status}\" id=\"status\"><span aria-hidden=\"true\">{Mark(trace.Status)}</span> {status}</p>");
        html.Append(CultureInfo.InvariantCulture, $"<h1>{WebUtility.HtmlEncode(Name(trace))}</h1><dl class=\"facts\">");
        Fact(html, "Duration", DurationText.Of(analysis.Times.Duration));
        Fact(html, "Spans", trace.SpanCount.ToString("N0", CultureInfo.InvariantCulture));
        Fact(html, "Services", analysis.Services.Count.ToString("N0", CultureInfo.InvariantCulture));
        Fact(html, "Failed", trace.ErrorCount.ToString("N0", CultureInfo.InvariantCulture));
        if (trace.OpenCount > 0)
        {
            Fact(html, "Not ended", trace.OpenCount.ToString("N0", CultureInfo.InvariantCulture));
        }

        Fact(html, "Started", analysis.Times.Start == 0 ? "unknown" : Rfc3339.Short(analysis.Times.Start));
        if (isSealed is { } complete)
        {
            Fact(html, "Sealed", complete ? string.Create(CultureInfo.InvariantCulture, $"yes, revision {revision}") : "no: spans may still arrive");
        }

        Fact(html, "Trace", trace.Id.ToString(), "mono");
        return html.Append("</dl>").ToString();
    }

    private static void Fact(StringBuilder html, string term, string text, string look = "") =>
        html.Append(CultureInfo.InvariantCulture, $"<div><dt>{term}</dt><dd class=\"{look}\">{WebUtility.HtmlEncode(text)}</dd></div>");

    private static string Mark(TraceStatus status) => status switch
    {
        TraceStatus.Ok => "✓",
        TraceStatus.Error => "✕",
        _ => "◌",
    };

    private static string Name(Trace trace)
    {
        if (trace.Root < 0)
        {
            return "No span was received";
        }

        ref readonly SpanRecord root = ref trace[trace.Root];
        string service = trace.Batch.Text(root.Service);
        string operation = trace.Batch.Text(root.Name);
        return $"{PlainText.Line(service.Length == 0 ? "unknown service" : service, 80)}: {PlainText.Line(operation.Length == 0 ? "(unnamed)" : operation, 120)}";
    }
}
