using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Insights;

/// <summary>
/// Functions that had to be started before they could answer, as they say themselves: <c>faas.coldstart</c> (OpenTelemetry), <c>cold_start</c> and the
/// like. What it cost is the time between the call and the function's start, where both are known.
/// </summary>
internal static class ColdStarts
{
    private static readonly string[] Names = ["faascoldstart", "coldstart", "iscoldstart", "functioncoldstart"];

    public static void Find(TraceAnalysis analysis, List<Insight> insights)
    {
        Trace trace = analysis.Trace;
        var keys = new Dictionary<int, bool>();
        var spans = new List<int>();
        long cost = 0;
        int worst = -1;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            if (IsCold(trace, i, keys))
            {
                spans.Add(i);
                cost += Wait(analysis, i);
                worst = worst < 0 || Wait(analysis, i) > Wait(analysis, worst) ? i : worst;
            }
        }

        if (spans.Count > 0)
        {
            string operation = SpanText.Operation(trace, worst);
            string others = spans.Count == 1 ? string.Empty : $", and so did {spans.Count - 1} other span(s)";
            string wait = Wait(analysis, worst) > 0 ? $", {DurationText.Of(Wait(analysis, worst))} after it was called" : string.Empty;
            insights.Add(new Insight(
                InsightKind.ColdStart, [.. spans.Take(Limit.Spans)], cost, $"{operation} started cold{wait}{others}.",
                $"Keep instances of {operation} ready (always-ready or provisioned ones), or make its start cheaper: a smaller package, less work before the first call."));
        }
    }

    private static bool IsCold(Trace trace, int span, Dictionary<int, bool> keys)
    {
        foreach (ref readonly SpanAttribute attribute in trace.Batch.Attributes(in trace[span]))
        {
            if (IsTrue(trace.Batch, in attribute) && attribute.Scope == AttributeScope.Span && IsName(trace.Batch, attribute.Key, keys))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsTrue(SpanBatch batch, in SpanAttribute attribute) => attribute.Kind switch
    {
        AttributeKind.Bool => attribute.Bits != 0,
        AttributeKind.String => batch.Strings[attribute.Text].SequenceEqual("true"u8) || batch.Strings[attribute.Text].SequenceEqual("True"u8),
        _ => false,
    };

    private static bool IsName(SpanBatch batch, int key, Dictionary<int, bool> keys)
    {
        if (!keys.TryGetValue(key, out bool isName))
        {
            isName = Array.IndexOf(Names, AttributeName.Plain(batch.Strings[key])) >= 0;
            keys.Add(key, isName);
        }

        return isName;
    }

    /// <summary>How long the caller in another service waited for the function to start; 0 where that is not known, or clocks disagree.</summary>
    private static long Wait(TraceAnalysis analysis, int span)
    {
        Trace trace = analysis.Trace;
        int parent = trace.Parents[span];
        return parent < 0 || trace[parent].Service == trace[span].Service || AsynchronousCall.IsOne(trace, span)
            ? 0
            : Math.Max(0, analysis.Times.StartOf(span) - analysis.Times.StartOf(parent));
    }
}
