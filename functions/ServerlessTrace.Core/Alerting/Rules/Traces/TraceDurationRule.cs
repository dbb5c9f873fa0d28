using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Alerting.Rules.Traces;

/// <summary>Fires for traces that take longer than allowed, from their earliest start to their latest end.</summary>
public sealed record TraceDurationRule : TraceRule
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "trace-duration";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The longest duration that is allowed.</summary>
    public TimeSpan Over { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> FindProblems()
    {
        return base.FindProblems().Concat(Over > TimeSpan.Zero ? [] : ["'over' must be a duration above zero, such as 2s."]);
    }

    /// <inheritdoc/>
    private protected override TraceFinding? FindIn(Trace trace)
    {
        if (trace.Duration <= Over.Ticks * 100 || trace.Root < 0 || (!Match.IsEmpty && FirstMatch(trace) < 0))
        {
            return null;
        }

        return At(trace, trace.Root, trace.Duration / 1e6, Over.TotalMilliseconds, "ms", $"took {DurationText.Of(trace.Duration)}");
    }
}
