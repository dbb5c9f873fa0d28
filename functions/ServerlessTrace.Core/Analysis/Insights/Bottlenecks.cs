using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Insights;

/// <summary>The service and the operation with the greatest share of the critical path.</summary>
internal static class Bottlenecks
{
    public static void Find(TraceAnalysis analysis, List<Insight> insights)
    {
        if (analysis.Exclusive.Count > 0)
        {
            AddOperation(analysis, insights);
            AddService(analysis, insights);
        }
    }

    private static void AddOperation(TraceAnalysis analysis, List<Insight> insights)
    {
        Trace trace = analysis.Trace;
        ExclusiveTime greatest = analysis.Exclusive[0];
        List<int> spans = [];
        for (int i = 0; i < trace.SpanCount && spans.Count < Limit.Spans; i++)
        {
            if (analysis.PathTimes[i] > 0 && trace.Batch.Text(trace[i].Service) == greatest.Service && trace.Batch.Text(trace[i].Name) == greatest.Operation)
            {
                spans.Add(i);
            }
        }

        string operation = SpanText.Operation(trace, spans[0]);
        string share = DurationText.Share(greatest.Nano, trace[trace.Root].Duration);
        insights.Add(new Insight(
            InsightKind.Bottleneck, spans, greatest.Nano, $"{operation} itself accounts for {DurationText.Of(greatest.Nano)} ({share} of the total time){Doubt(analysis, spans)}.",
            Recommend(trace, spans[0], operation)));
    }

    private static void AddService(TraceAnalysis analysis, List<Insight> insights)
    {
        // With one service this would say nothing new.
        if (analysis.Services.Count < 2)
        {
            return;
        }

        ServiceSummary slowest = analysis.Services[0];
        foreach (ServiceSummary service in analysis.Services)
        {
            slowest = service.PathNano > slowest.PathNano ? service : slowest;
        }

        List<int> spans = [];
        Trace trace = analysis.Trace;
        for (int i = 0; i < trace.SpanCount && spans.Count < Limit.Spans; i++)
        {
            if (analysis.PathTimes[i] > 0 && trace.Batch.Text(trace[i].Service) == slowest.Name)
            {
                spans.Add(i);
            }
        }

        string name = slowest.Name.Length == 0 ? "unknown service" : slowest.Name;
        insights.Add(new Insight(
            InsightKind.SlowestService, spans, slowest.PathNano,
            $"{name} holds the trace up for {DurationText.Of(slowest.PathNano)} ({DurationText.Share(slowest.PathNano, trace[trace.Root].Duration)} of the total time), more than any other service.",
            $"Speed up {name} first: time saved elsewhere counts less."));
    }

    /// <summary>The path is found on recorded times: what a caller seems to have waited for by itself may be a callee's that another clock timed.</summary>
    private static string Doubt(TraceAnalysis analysis, List<int> spans) =>
        analysis.Times.IsAdjusted && Gaps.CallersOfOtherClocks(analysis).Overlaps(spans) ? " by recorded times; what it calls has other clocks, so part of that may be theirs" : string.Empty;

    private static string Recommend(Trace trace, int span, string operation)
    {
        bool leaf = trace.FirstChildren[span] < 0;
        if (leaf && CallsDatabase(trace, span))
        {
            return "Look at the statement's plan and indexes; fetch less, or cache what rarely changes.";
        }

        return leaf && trace[span].Kind is SpanKind.Client or SpanKind.Producer
            ? $"The called side of {operation} sends no spans: instrument it if it is yours, else cache its answers, set a timeout and put a circuit breaker around it."
            : leaf
                ? $"Profile {operation}, or split it into spans, to see where its time goes."
                : $"{operation} works between its calls: add spans to that work, or profile it.";
    }

    private static bool CallsDatabase(Trace trace, int span)
    {
        SpanBatch batch = trace.Batch;
        foreach (ref readonly SpanAttribute attribute in batch.Attributes(in trace[span]))
        {
            if (batch.Strings[attribute.Key].StartsWith("db."u8))
            {
                return true;
            }
        }

        return false;
    }
}
