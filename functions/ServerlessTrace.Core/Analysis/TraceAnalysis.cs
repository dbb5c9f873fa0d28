using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Insights;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis;

/// <summary>Everything that a report says about one trace. Valid as long as the trace and its batch are not reused.</summary>
public sealed class TraceAnalysis
{
    private readonly long[] _selfTimes;
    private readonly long[] _pathTimes;
    private long[]? _waited;
    private SpanSlack? _slack;

    /// <summary>Analyses a trace, in time linear in its spans but for sorting.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="options">How; the defaults if null.</param>
    /// <param name="names">The names of its batch, looked up for the options' business keys; worth passing where a batch has many traces.</param>
    public TraceAnalysis(Trace trace, AnalysisOptions? options = null, BatchNames? names = null)
    {
        ArgumentNullException.ThrowIfNull(trace);
        options ??= AnalysisOptions.Default;
        Trace = trace;
        Names = names ?? new BatchNames(trace.Batch, options);
        Times = new AdjustedTimes(trace);
        Order = new TreeOrder(trace);
        CriticalPath = new CriticalPath(trace, options.CriticalPath);
        _selfTimes = SelfTime.Of(trace);
        _pathTimes = new long[trace.SpanCount];
        foreach (CriticalPathSection section in CriticalPath.Sections)
        {
            _pathTimes[section.Span] += section.Duration;
        }

        Exclusive = ExclusiveTime.Of(trace, CriticalPath);
        Services = ServiceSummaries.Of(trace, _selfTimes, _pathTimes);
        Errors = SpanErrors.Of(trace, Order, Times);
        Business = BusinessContext.Of(trace, Names.BusinessKeys);
        Warnings = TraceWarnings.Of(trace, Times);
        Insights = InsightPasses.Run(this, options.MaxInsights);
    }

    /// <summary>What the names in the trace's batch mean.</summary>
    internal BatchNames Names { get; }

    /// <summary>The trace.</summary>
    public Trace Trace { get; }

    /// <summary>The times at which spans are shown: where clocks differ, other than the recorded ones, on which the critical path is found.</summary>
    public AdjustedTimes Times { get; }

    /// <summary>Parents before children, and depths.</summary>
    public TreeOrder Order { get; }

    /// <summary>What the trace waited for.</summary>
    public CriticalPath CriticalPath { get; }

    /// <summary>The critical path by service and operation, greatest first.</summary>
    public IReadOnlyList<ExclusiveTime> Exclusive { get; }

    /// <summary>How long each span worked itself, in ns, by index.</summary>
    public ReadOnlySpan<long> SelfTimes => _selfTimes;

    /// <summary>How long each span is on the critical path, in ns, by index.</summary>
    public ReadOnlySpan<long> PathTimes => _pathTimes;

    /// <summary>How long each span or anything below it is on the critical path, in ns, by index; measured when first asked for.</summary>
    internal ReadOnlySpan<long> Waited => _waited ??= PathTimesWithDescendants();

    /// <summary>How much longer each span could take, and how much shorter the trace would be without it; measured when first asked for.</summary>
    public SpanSlack Slack => _slack ??= new SpanSlack(Trace);

    /// <summary>The services in order of first appearance.</summary>
    public IReadOnlyList<ServiceSummary> Services { get; }

    /// <summary>The failed spans in the order in which they failed.</summary>
    public IReadOnlyList<SpanError> Errors { get; }

    /// <summary>What was found, failures first, then what cost most.</summary>
    public IReadOnlyList<Insight> Insights { get; }

    /// <summary>What the trace was about.</summary>
    public IReadOnlyList<BusinessFact> Business { get; }

    /// <summary>What is doubtful about the trace.</summary>
    public IReadOnlyList<TraceWarning> Warnings { get; }

    /// <summary>The root cause that explains the trace's failure best: that of the root's failure, else the first one that was not recovered, else the first.</summary>
    public SpanError? RootCause
    {
        get
        {
            SpanError? best = null;
            foreach (SpanError error in Errors)
            {
                if (error.Span == Trace.Root && error.CausedBy >= 0)
                {
                    return CauseOf(error);
                }

                bool better = error.IsRootCause && (best is null || (best.IsRecovered && !error.IsRecovered));
                best = better ? error : best;
            }

            return best;
        }
    }

    private long[] PathTimesWithDescendants()
    {
        long[] times = [.. _pathTimes];
        ReadOnlySpan<int> order = Order.Spans;
        ReadOnlySpan<int> parents = Trace.Parents;
        for (int i = order.Length - 1; i >= 0; i--)
        {
            if (parents[order[i]] >= 0)
            {
                times[parents[order[i]]] += times[order[i]];
            }
        }

        return times;
    }

    private SpanError? CauseOf(SpanError error)
    {
        foreach (SpanError candidate in Errors)
        {
            if (candidate.Span == error.CausedBy)
            {
                return candidate;
            }
        }

        return null;
    }
}
