using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis.Insights;

/// <summary>Messages that waited for whoever handles them: from the end of what sent one to the start of what handles it.</summary>
internal static class QueueWaits
{
    public static void Find(TraceAnalysis analysis, List<Insight> insights)
    {
        Trace trace = analysis.Trace;
        var longest = new Dictionary<(int Service, int Name), int>();
        for (int i = 0; i < trace.SpanCount; i++)
        {
            if (AsynchronousCall.IsOne(trace, i) && Wait(analysis, i) >= Limit.Cost(analysis))
            {
                (int, int) key = (trace[i].Service, trace[i].Name);
                if (!longest.TryGetValue(key, out int other) || Wait(analysis, i) > Wait(analysis, other))
                {
                    longest[key] = i;
                }
            }
        }

        foreach (int consumer in longest.Values.Order())
        {
            int producer = trace.Parents[consumer];
            string operation = SpanText.Operation(trace, consumer);
            insights.Add(new Insight(
                InsightKind.QueueWait, [producer, consumer], Wait(analysis, consumer),
                $"{operation} began {DurationText.Of(Wait(analysis, consumer))} after {SpanText.Operation(trace, producer)} had sent the message.",
                $"Give {operation} more consumers or a shorter polling interval, unless the delay is wanted."));
        }
    }

    private static long Wait(TraceAnalysis analysis, int consumer) =>
        analysis.Times.StartOf(consumer) - analysis.Times.EndOf(analysis.Trace.Parents[consumer]);
}
