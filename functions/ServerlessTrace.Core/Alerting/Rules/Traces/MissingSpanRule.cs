using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Alerting.Rules.Traces;

/// <summary>Fires for traces that lack a span, or in which one never ended. Without <see cref="Expect"/>: in which any parent is missing or any span is open.</summary>
public sealed record MissingSpanRule : TraceRule
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "missing-span";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The span that a trace must have if another of its spans matches; null for all that are known to be missing.</summary>
    public SeriesMatch? Expect { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> FindProblems()
    {
        IEnumerable<string> problems = base.FindProblems();
        if (Expect is { } expect)
        {
            problems = problems.Concat(expect.FindProblems().Select(problem => problem.Replace("'match.", "'expect.", StringComparison.Ordinal)));
            if (expect.Service is null && expect.Operation is null)
            {
                problems = problems.Append("'expect' needs a 'service' or an 'operation': which span a trace must have.");
            }
        }

        return problems;
    }

    /// <inheritdoc/>
    private protected override TraceFinding? FindIn(Trace trace)
    {
        int about = Match.IsEmpty ? trace.Root : FirstMatch(trace);
        if (about < 0)
        {
            return null;
        }

        return Expect is { } expect ? FindExpected(trace, about, expect) : FindAny(trace);
    }

    private static TraceFinding? FindExpected(Trace trace, int about, SeriesMatch expect)
    {
        int open = -1;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            if (expect.IsMatch(trace.Batch, in trace[i]))
            {
                if (!trace[i].IsOpen)
                {
                    return null;
                }

                open = i;
            }
        }

        string name = string.Join(' ', new[] { expect.Service, expect.Operation }.Where(text => text is not null));
        return open >= 0 ? At(trace, open, 0, 1, "1", "never ended") : At(trace, about, 0, 1, "1", $"without a span of {name}");
    }

    private static TraceFinding? FindAny(Trace trace)
    {
        for (int i = 0; i < trace.SpanCount && trace.OpenCount > 0; i++)
        {
            if (trace[i].IsOpen)
            {
                return At(trace, i, trace.OpenCount, 0, "1", "never ended");
            }
        }

        for (int i = 0; i < trace.SpanCount && trace.MissingParentCount > 0; i++)
        {
            SpanId parent = trace[i].ParentSpanId;
            if (!parent.IsZero && trace.Parents[i] < 0)
            {
                return At(trace, i, trace.MissingParentCount, 0, "1", $"without its parent {parent}");
            }
        }

        return null;
    }
}
