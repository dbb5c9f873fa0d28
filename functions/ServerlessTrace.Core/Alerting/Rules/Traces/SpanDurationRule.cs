using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Alerting.Rules.Traces;

/// <summary>Fires for traces in which a span of a service or operation takes longer than allowed.</summary>
public sealed record SpanDurationRule : TraceRule
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "span-duration";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The longest duration of a span that is allowed.</summary>
    public TimeSpan Over { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> FindProblems()
    {
        foreach (string problem in base.FindProblems())
        {
            yield return problem;
        }

        if (Over <= TimeSpan.Zero)
        {
            yield return "'over' must be a duration above zero, such as 500ms.";
        }

        if (Match.Service is null && Match.Operation is null && Match.Attributes.Count == 0)
        {
            yield return "A span-duration rule needs 'match.service', 'match.operation' or 'match.attributes': which spans it is about.";
        }
    }

    /// <inheritdoc/>
    private protected override TraceFinding? FindIn(Trace trace)
    {
        if (trace.Duration <= Over.Ticks * 100)
        {
            return null;
        }

        int longest = -1;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            bool isLonger = trace[i].Duration > (longest < 0 ? Over.Ticks * 100 : trace[longest].Duration);
            longest = isLonger && Match.IsMatch(trace.Batch, in trace[i]) ? i : longest;
        }

        return longest < 0
            ? null
            : At(trace, longest, trace[longest].Duration / 1e6, Over.TotalMilliseconds, "ms", $"took {DurationText.Of(trace[longest].Duration)}");
    }
}
