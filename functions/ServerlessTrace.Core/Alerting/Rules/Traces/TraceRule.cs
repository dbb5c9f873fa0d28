using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Alerting.Rules.Traces;

/// <summary>A rule that looks at each trace when it is sealed. It fires at most once for a trace, however often that is sealed again.</summary>
public abstract record TraceRule : AlertRule
{
    /// <summary>How traces that match are told of together; null to tell of each by itself.</summary>
    public TraceGrouping? Group { get; init; }

    /// <summary>How many notifications it sends at most.</summary>
    public TraceLimit Limit { get; init; } = new();

    /// <inheritdoc/>
    public override IEnumerable<string> FindProblems() => base.FindProblems().Concat(Group?.FindProblems() ?? []).Concat(Limit.FindProblems());

    /// <summary>What the rule finds in a trace; null for nothing.</summary>
    public TraceFinding? Find(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        bool isElsewhere = Match.Environment is { } environment
            && !SeriesMatch.IsText(trace.Batch.Strings[DeploymentEnvironment.Of(trace)], environment);
        return !Enabled || isElsewhere ? null : FindIn(trace);
    }

    /// <summary>What the rule finds in a trace of its environment.</summary>
    private protected abstract TraceFinding? FindIn(Trace trace);

    /// <summary>The first span that matches; -1 where none does.</summary>
    private protected int FirstMatch(Trace trace)
    {
        for (int i = 0; i < trace.SpanCount; i++)
        {
            if (Match.IsMatch(trace.Batch, in trace[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A finding at a span.</summary>
    private protected static TraceFinding At(Trace trace, int span, double observed, double threshold, string unit, string what)
    {
        ref readonly SpanRecord record = ref trace[span];
        return new TraceFinding(trace.Batch.Text(record.Service), trace.Batch.Text(record.Name), observed, threshold, unit, what);
    }
}
