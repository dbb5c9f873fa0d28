using System.Globalization;
using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Core.Reports.Text;

/// <summary>The services in order of first appearance, and how each came into play.</summary>
internal static class ServiceList
{
    public static void Write(Page page)
    {
        page.Section("Services Involved");
        IReadOnlyList<ServiceSummary> services = page.Analysis.Services;
        if (services.Count == 0)
        {
            page.Line("  None: no span was received.");
        }

        int shown = Math.Min(services.Count, page.Options.ListEntries);
        int digits = shown.ToString(CultureInfo.InvariantCulture).Length;
        string[] names = [.. services.Take(shown).Select(static service => $"{Name(service.Name)} ({Role(service)})")];
        int width = names.Select(static name => name.Length).DefaultIfEmpty().Max();
        for (int i = 0; i < shown; i++)
        {
            string number = (i + 1).ToString(CultureInfo.InvariantCulture).PadLeft(digits);
            page.Line($"  {number}. {names[i].PadRight(width)}  {page.Paint(Ink.Faint, Counts(services[i]))}{Failed(page, services[i])}");
        }

        page.More(services.Count - shown, "services");
    }

    public static string Name(string name) => name.Length == 0 ? "unknown service" : PlainText.Line(name, 80);

    public static string Role(ServiceSummary service)
    {
        if (service.IsEntryPoint)
        {
            return "entry point";
        }

        if (service.Callers.Count == 0)
        {
            return "caller unknown";
        }

        string verb = service.Callers.All(static caller => caller.IsAsynchronous) ? "asynchronously after" : "called by";
        string more = service.Callers.Count > 3 ? string.Create(CultureInfo.InvariantCulture, $" and {service.Callers.Count - 3} more") : string.Empty;
        return $"{verb} {string.Join(", ", service.Callers.Take(3).Select(static caller => Name(caller.Service)))}{more}";
    }

    private static string Counts(ServiceSummary service) => string.Create(
        CultureInfo.InvariantCulture, $"{service.SpanCount:N0} {(service.SpanCount == 1 ? "span" : "spans")}, {DurationText.Of(service.SelfNano)} own work");

    private static string Failed(Page page, ServiceSummary service) =>
        service.ErrorCount == 0 ? string.Empty : ", " + page.Paint(Ink.Bad, string.Create(CultureInfo.InvariantCulture, $"{service.ErrorCount:N0} failed"));
}
