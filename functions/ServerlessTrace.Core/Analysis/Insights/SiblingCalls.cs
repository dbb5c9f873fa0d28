using System.Runtime.InteropServices;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Insights;

/// <summary>
/// What the calls that one span makes show together: retries, the same call many times over, and calls in a row that
/// could run at the same time. The last two cost no more than the trace waited for that span: beside the critical path they cost nothing.
/// </summary>
internal sealed class SiblingCalls
{
    private readonly TraceAnalysis _analysis;
    private readonly Trace _trace;
    private readonly List<Insight> _insights;
    private readonly Dictionary<(int Service, int Name), Calls> _calls = [];
    private readonly List<(long Cost, Calls Calls)> _repeated = [];

    private SiblingCalls(TraceAnalysis analysis, List<Insight> insights)
    {
        _analysis = analysis;
        _trace = analysis.Trace;
        _insights = insights;
    }

    public static void Find(TraceAnalysis analysis, List<Insight> insights)
    {
        var passes = new SiblingCalls(analysis, insights);
        for (int i = 0; i < analysis.Trace.SpanCount; i++)
        {
            if (analysis.Trace.FirstChildren[i] != analysis.Trace.LastChildren[i])
            {
                passes.LookAt(i);
            }
        }
    }

    private void LookAt(int parent)
    {
        _calls.Clear();
        var row = default(Calls);
        for (int child = _trace.FirstChildren[parent]; child >= 0; child = _trace.NextSiblings[child])
        {
            if (!AsynchronousCall.IsOne(_trace, child) && !_trace[child].IsOpen)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_calls, (_trace[child].Service, _trace[child].Name), out _).Add(_trace, _analysis.Times, child);
                row.Add(_trace, _analysis.Times, child);
            }
        }

        long most = _analysis.CriticalPath.IsKnown ? _analysis.Waited[parent] : long.MaxValue;
        bool repeated = FindRepeated(most);
        foreach ((long cost, Calls calls) in _repeated.OrderByDescending(static found => found.Cost).Take(Limit.PerParent))
        {
            if (calls.IsRetry)
            {
                AddRetry(parent, in calls, cost);
            }
            else
            {
                AddRepeated(parent, in calls, cost);
            }
        }

        if (!repeated && row.IsSequential && _calls.Count > 1 && row.Failed == 0)
        {
            AddSerial(parent, in row, Math.Min(most, row.Sum - row.Longest));
        }
    }

    /// <summary>Collects retries and rows of equal calls; whether there are any, however cheap.</summary>
    private bool FindRepeated(long most)
    {
        _repeated.Clear();
        bool repeated = false;
        foreach (Calls calls in _calls.Values)
        {
            bool isRow = calls.Count >= Limit.RepeatedCalls && calls.IsSequential;
            repeated |= isRow || (calls.Failed > 0 && calls.Count > 1);
            if (calls.IsRetry)
            {
                _repeated.Add((calls.LastStart - _analysis.Times.StartOf(calls.FirstFailure), calls));
            }
            else if (isRow && Math.Min(most, calls.Sum - calls.Longest) is long cost && cost >= Limit.Cost(_analysis))
            {
                _repeated.Add((cost, calls));
            }
        }

        return repeated;
    }

    private void AddRetry(int parent, in Calls calls, long cost)
    {
        bool helped = calls.LastStatus != SpanStatus.Error;
        string operation = SpanText.Operation(_trace, calls.First);
        _insights.Add(new Insight(
            InsightKind.Retry, Members(parent, calls.First), cost,
            $"{operation} was called {calls.Count} times by {SpanText.Operation(_trace, parent)}: {calls.Failed} failed, the last one {(helped ? "succeeded" : "failed too")}.",
            helped
                ? $"The retry helped; find out why {operation} fails at first, for the caller waited {DurationText.Of(cost)} for it."
                : "Retrying did not help: retry only what can succeed, with backoff, and give up early through a circuit breaker."));
    }

    private void AddRepeated(int parent, in Calls calls, long cost)
    {
        string operation = SpanText.Operation(_trace, calls.First);
        _insights.Add(new Insight(
            InsightKind.RepeatedCalls, Members(parent, calls.First), cost,
            $"{SpanText.Operation(_trace, parent)} calls {operation} {calls.Count} times in a row, {DurationText.Of(calls.Sum)} together (N+1 calls).",
            $"Fetch in one batch what {calls.Count} calls fetch now, or let them run at the same time."));
    }

    private void AddSerial(int parent, in Calls row, long cost)
    {
        if (cost >= 2 * Limit.Cost(_analysis))
        {
            _insights.Add(new Insight(
                InsightKind.SerialCalls, Members(parent, -1), cost,
                $"{SpanText.Operation(_trace, parent)} makes {row.Count} calls one after another, {DurationText.Of(row.Sum)} together.",
                $"Those that do not need each other's results can run at the same time; that saves up to {DurationText.Of(cost)}."));
        }
    }

    /// <summary>The synchronous children of a parent that are the same operation as one of them, or all.</summary>
    private List<int> Members(int parent, int like)
    {
        var members = new List<int>();
        for (int child = _trace.FirstChildren[parent]; child >= 0 && members.Count < Limit.Spans; child = _trace.NextSiblings[child])
        {
            bool same = like < 0 || (_trace[child].Service == _trace[like].Service && _trace[child].Name == _trace[like].Name);
            if (same && !AsynchronousCall.IsOne(_trace, child) && !_trace[child].IsOpen)
            {
                members.Add(child);
            }
        }

        return members;
    }

    /// <summary>Some children of one parent, seen in order of start.</summary>
    private struct Calls
    {
        private bool _overlap;
        private long _end;

        public int First { get; private set; }

        public int Count { get; private set; }

        public int Failed { get; private set; }

        public int FirstFailure { get; private set; }

        public long FirstFailureEnd { get; private set; }

        public long LastStart { get; private set; }

        public SpanStatus LastStatus { get; private set; }

        public long Sum { get; private set; }

        public long Longest { get; private set; }

        /// <summary>Whether one of them began after another had failed.</summary>
        public readonly bool IsRetry => Failed > 0 && Count > 1 && LastStart >= FirstFailureEnd;

        public readonly bool IsSequential => Count > 1 && !_overlap;

        public void Add(Trace trace, AdjustedTimes times, int span)
        {
            ref readonly SpanRecord record = ref trace[span];
            First = Count == 0 ? span : First;
            if (record.Status == SpanStatus.Error && Failed++ == 0)
            {
                (FirstFailure, FirstFailureEnd) = (span, times.EndOf(span));
            }

            _overlap |= Count > 0 && times.StartOf(span) < _end;
            _end = Count == 0 ? times.EndOf(span) : Math.Max(_end, times.EndOf(span));
            LastStart = times.StartOf(span);
            LastStatus = record.Status;
            Sum += record.Duration;
            Longest = Math.Max(Longest, record.Duration);
            Count++;
        }
    }
}
