using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis.Insights;

/// <summary>How texts name spans.</summary>
internal static class SpanText
{
    /// <summary>Service and operation, such as <c>payment-service: charge_card</c>.</summary>
    public static string Operation(Trace trace, int span) => Operation(trace, trace[span].Service, trace[span].Name);

    /// <summary>Service and operation, such as <c>payment-service: charge_card</c>.</summary>
    public static string Operation(Trace trace, int service, int name)
    {
        string serviceText = service == 0 ? "unknown service" : trace.Batch.Text(service);
        return name == 0 ? $"{serviceText}: (unnamed)" : $"{serviceText}: {trace.Batch.Text(name)}";
    }
}
