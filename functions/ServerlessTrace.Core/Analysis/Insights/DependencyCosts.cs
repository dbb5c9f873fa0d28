using System.Runtime.InteropServices;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis.Insights;

/// <summary>
/// What the trace waited for at the borders of services: dependencies that are called very often, from several places (from one place it is
/// <see cref="SiblingCalls"/>' matter), and those that send no spans of their own and take a quarter of the trace or more.
/// </summary>
internal sealed class DependencyCosts
{
    private readonly TraceAnalysis _analysis;
    private readonly Trace _trace;

    private DependencyCosts(TraceAnalysis analysis)
    {
        _analysis = analysis;
        _trace = analysis.Trace;
    }

    public static void Find(TraceAnalysis analysis, List<Insight> insights)
    {
        if (!analysis.CriticalPath.IsKnown)
        {
            return;
        }

        List<DependencyCall> calls = analysis.Names.Calls(analysis.Trace);
        if (calls.Count > 0)
        {
            new DependencyCosts(analysis).Find(calls, insights);
        }
    }

    private void Find(List<DependencyCall> calls, List<Insight> insights)
    {
        var sums = new Dictionary<DependencySeries, Sum>();
        foreach (DependencyCall call in calls)
        {
            if (!call.Series.IsMessaging)
            {
                ref Sum? sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, call.Series, out _);
                sum ??= new Sum();
                sum.Add(call.Span, _trace.Parents[call.Span], _analysis.Waited[call.Span]);
            }
        }

        foreach ((DependencySeries series, Sum sum) in sums)
        {
            if (sum.Count >= Limit.ChattyCalls && sum.HasSeveralParents)
            {
                AddChatty(series, sum, insights);
            }
            else if (series.Callee.Kind != DependencyKind.Service && sum.Waited >= _trace[_trace.Root].Duration / 4)
            {
                AddSlow(series, sum, insights);
            }
        }
    }

    private void AddChatty(DependencySeries series, Sum sum, List<Insight> insights)
    {
        long cost = sum.Waited - sum.Longest;
        if (cost >= Limit.Cost(_analysis))
        {
            string callee = Name(series.Callee);
            insights.Add(new Insight(
                InsightKind.ChattyDependency, sum.Spans, cost,
                $"{Name(series.Caller)} calls {callee} {sum.Count} times in this trace, which waits {DurationText.Of(sum.Waited)} for it ({Share(sum.Waited)} of the total time).",
                $"Ask {callee} for more at once, keep what it answered for the rest of the request, or move the work that needs it there."));
        }
    }

    private void AddSlow(DependencySeries series, Sum sum, List<Insight> insights)
    {
        string callee = Name(series.Callee);
        string calls = sum.Count == 1 ? "in one call" : $"in {sum.Count} calls, the slowest {DurationText.Of(sum.Longest)}";
        insights.Add(new Insight(
            InsightKind.SlowDependency, sum.Spans, sum.Waited,
            $"{Name(series.Caller)} waits {DurationText.Of(sum.Waited)} ({Share(sum.Waited)} of the total time) for {callee}, {calls}; {callee} sends no spans.",
            series.Callee.Kind == DependencyKind.Database
                ? $"Look at what {callee} was asked: its plan, its indexes, its locks and the pool of connections."
                : $"Give calls to {callee} a timeout and a fallback, keep answers that rarely change, and find out on its side where the time goes."));
    }

    private string Share(long nano) => DurationText.Share(nano, _trace[_trace.Root].Duration);

    private static string Name(DependencyNode node) => node.Name.Length == 0 ? "unknown service" : node.Name;

    private sealed class Sum
    {
        private int _parent = -1;

        public List<int> Spans { get; } = [];

        public int Count { get; private set; }

        public long Waited { get; private set; }

        public long Longest { get; private set; }

        public bool HasSeveralParents { get; private set; }

        public void Add(int span, int parent, long waited)
        {
            HasSeveralParents |= Count > 0 && parent != _parent;
            _parent = parent;
            Count++;
            Waited += waited;
            Longest = Math.Max(Longest, waited);

            // Spans come in order of start, calls of one parent's service before calls to peers: each list is in order.
            if (Spans.Count < Limit.Spans)
            {
                Spans.Add(span);
            }
        }
    }
}
