using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports.Text;

namespace ServerlessTrace.Core.Reports.Markdown;

/// <summary>Which trace it is, who took part, and what happened when.</summary>
internal static class OverviewSections
{
    public static void WriteHeading(MarkdownPage page)
    {
        Trace trace = page.Trace;
        page.Line("# Distributed Trace Analysis");
        page.Line();
        page.Row("Trace ID", MarkdownText.Code(trace.Id.ToString()));
        page.Row("---", "---");
        page.Row("Start Time", Heading.StartTime(page.Words));
        page.Row("Duration", Heading.Duration(page.Words));
        page.Row("Status", MarkdownText.Of(Heading.Status(page.Words)));
        page.Row("Spans", string.Create(
            CultureInfo.InvariantCulture,
            $"{trace.SpanCount:N0} in {page.Analysis.Services.Count:N0} {(page.Analysis.Services.Count == 1 ? "service" : "services")}"));
        if (page.Options.IsSealed is { } isSealed)
        {
            page.Row("Sealed", isSealed ? string.Create(CultureInfo.InvariantCulture, $"yes (revision {page.Options.Revision})") : "no (spans may still arrive)");
        }
    }

    public static void WriteServices(MarkdownPage page)
    {
        page.Section("Services Involved");
        IReadOnlyList<ServiceSummary> services = page.Analysis.Services;
        if (services.Count == 0)
        {
            page.Line("None: no span was received.");
            return;
        }

        page.Row("#", "Service", "Role", "Spans", "Failed", "Own work", "On the critical path");
        page.Row("--:", "---", "---", "--:", "--:", "--:", "--:");
        int shown = Math.Min(services.Count, page.Options.ListEntries);
        for (int i = 0; i < shown; i++)
        {
            ServiceSummary service = services[i];
            page.Row(
                Count(i + 1), MarkdownText.Code(ServiceList.Name(service.Name)), MarkdownText.Of(ServiceList.Role(service)), Count(service.SpanCount),
                service.ErrorCount == 0 ? "0" : $"**{Count(service.ErrorCount)}**", DurationText.Of(service.SelfNano), DurationText.Of(service.PathNano));
        }

        page.More(services.Count - shown, "services");
        WriteMap(page);
    }

    /// <summary>A drawing of who calls whom, unless it were too big to be read.</summary>
    private static void WriteMap(MarkdownPage page)
    {
        DependencyGraph graph = DependencyGraph.Of(page.Trace);
        if (graph.Edges.Count > 0 && graph.Nodes.Count <= page.Options.ListEntries && graph.Edges.Count <= 2 * page.Options.ListEntries)
        {
            page.Line();
            page.Line(MarkdownText.Block(DependencyText.ToMermaid(graph).TrimEnd().Split('\n'), "mermaid"));
        }
    }

    /// <summary>As a block of code, where the nesting stays visible.</summary>
    public static void WriteTimeline(MarkdownPage page)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        new Timeline(new Page(text, page.Analysis, page.Options with { Ansi = false })).Write();

        // Without the text report's heading, and one level less indented.
        string[] lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        page.Section("Span Timeline");
        page.Line(MarkdownText.Block(lines.Select(static line => line.StartsWith("  ", StringComparison.Ordinal) ? line[2..] : line), "text"));
    }

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
