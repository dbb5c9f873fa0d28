using System.Runtime.InteropServices;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>
/// Collects the calls of traces, as <see cref="DependencyFinder"/> finds them. The duration of a call is that of the called side, where that is known.
/// Keeps all durations: meant for one trace, or a few thousand calls. Not thread-safe.
/// </summary>
public sealed class DependencyCalls
{
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<DependencySeries, Tally> _calls = [];
    private readonly List<DependencyCall> _found = [];

    /// <summary>Adds the calls of a trace.</summary>
    public void Add(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        int unknown = trace.Batch.Strings.Find(SourceName.Unknown);
        for (int span = 0; span < trace.SpanCount; span++)
        {
            if (DependencyFinder.IsKnown(in trace[span], unknown))
            {
                _services.Add(trace.Batch.Text(trace[span].Service));
            }
        }

        _found.Clear();
        new DependencyFinder(trace.Batch).Find(trace, _found);
        foreach (DependencyCall call in _found)
        {
            Count(call, in trace[call.Span]);
        }
    }

    /// <summary>The graph of all calls so far.</summary>
    public DependencyGraph ToGraph()
    {
        var merged = new Dictionary<DependencySeries, Tally>();
        foreach ((DependencySeries series, Tally tally) in _calls)
        {
            DependencySeries known = series.WithKnown(_services);
            merged[known] = merged.TryGetValue(known, out Tally other) ? other.With(tally) : tally;
        }

        return DependencyGraph.Of(_services, merged.Select(static edge => edge.Value.ToEdge(edge.Key)));
    }

    private void Count(DependencyCall call, in SpanRecord span)
    {
        ref Tally tally = ref CollectionsMarshal.GetValueRefOrAddDefault(_calls, call.Series, out _);
        tally.Durations ??= [];
        tally.Calls++;
        tally.Errors += call.Failed ? 1 : 0;
        if (!span.IsOpen)
        {
            tally.Durations.Add(span.Duration);
        }
    }

    private struct Tally
    {
        public int Calls;
        public int Errors;
        public List<long> Durations;

        public readonly Tally With(Tally other) => new() { Calls = Calls + other.Calls, Errors = Errors + other.Errors, Durations = [.. Durations, .. other.Durations] };

        public readonly DependencyEdge ToEdge(DependencySeries series)
        {
            long[] durations = [.. Durations];
            Array.Sort(durations);
            return new DependencyEdge(series.Caller, series.Callee, series.IsMessaging, Calls, Errors, Percentile(durations, 50), Percentile(durations, 95));
        }

        private static long Percentile(long[] sorted, int percent) => sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(sorted.Length * percent / 100.0) - 1)];
    }
}
