using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Core.Reports.Text;

/// <summary>What made it slow, and what to do about it.</summary>
internal static class InsightList
{
    public static void Write(Page page)
    {
        page.Section("Performance Insights");
        bool any = WriteServices(page);
        foreach (Insight insight in page.Analysis.Insights)
        {
            // Failures have their own section, and the slowest service is named above with the fastest one.
            if (insight.Kind is not (InsightKind.SlowestService or InsightKind.Error))
            {
                any = true;
                page.Entry(Label(insight.Kind), PlainText.Line(insight.Text, 500));
                page.Line($"    {page.Paint(Ink.Advice, "Recommendation:")} {PlainText.Line(insight.Recommendation, 500)}");
            }
        }

        if (!any)
        {
            page.Line("  - Nothing stands out.");
        }
    }

    private static bool WriteServices(Page page)
    {
        if (page.Analysis.Services.Count < 2)
        {
            return false;
        }

        bool known = page.Analysis.CriticalPath.IsKnown;
        ServiceSummary slowest = page.Analysis.Services[0];
        foreach (ServiceSummary service in page.Analysis.Services)
        {
            slowest = Weight(service, known) > Weight(slowest, known) ? service : slowest;
        }

        string where = known ? "on the critical path" : "own work";
        page.Entry("Slowest service", $"{Name(slowest)} ({DurationText.Of(Weight(slowest, known))} {where})");
        if (Fastest(page.Analysis.Services) is { } fastest && fastest != slowest)
        {
            page.Entry("Fastest service", Describe(fastest));
        }

        return true;
    }

    /// <summary>The service that worked least. One that is not known to have done anything is not fast.</summary>
    public static ServiceSummary Fastest(IReadOnlyList<ServiceSummary> services)
    {
        ServiceSummary fastest = services[0];
        foreach (ServiceSummary service in services)
        {
            fastest = service.SelfNano > 0 && (service.SelfNano < fastest.SelfNano || fastest.SelfNano == 0) ? service : fastest;
        }

        return fastest;
    }

    /// <summary>A service with its own work.</summary>
    public static string Describe(ServiceSummary service) => $"{Name(service)} ({DurationText.Of(service.SelfNano)} own work)";

    private static long Weight(ServiceSummary service, bool pathIsKnown) => pathIsKnown ? service.PathNano : service.SelfNano;

    private static string Name(ServiceSummary service) => service.Name.Length == 0 ? "unknown service" : PlainText.Line(service.Name, 80);

    public static string Label(string kind) => kind switch
    {
        InsightKind.Timeout => "Timeout",
        InsightKind.Retry => "Retry",
        InsightKind.Bottleneck => "Bottleneck",
        InsightKind.RepeatedCalls => "Repeated calls",
        InsightKind.SerialCalls => "Serial calls",
        InsightKind.QueueWait => "Queue wait",
        InsightKind.Gap => "Gap",
        InsightKind.ColdStart => "Cold start",
        InsightKind.ChattyDependency => "Chatty dependency",
        InsightKind.SlowDependency => "Slow dependency",
        InsightKind.SlowestService => "Slowest service",
        _ => kind,
    };
}
