using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Alerting.Rules.Traces;

/// <summary>Fires for traces in which a span fails.</summary>
public sealed record ErrorRule : TraceRule
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "error";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    private protected override TraceFinding? FindIn(Trace trace)
    {
        int first = -1;
        int count = 0;
        for (int i = 0; i < trace.SpanCount && trace.ErrorCount > 0; i++)
        {
            if (trace[i].Status == SpanStatus.Error && Match.IsMatch(trace.Batch, in trace[i]))
            {
                // Of failures, the one that ended first is the nearest to their cause.
                first = first < 0 || trace[i].End < trace[first].End ? i : first;
                count++;
            }
        }

        return first < 0 ? null : At(trace, first, count, 0, "1", Reason(trace, first));
    }

    private static string Reason(Trace trace, int span)
    {
        string message = trace.Batch.Text(trace[span].StatusMessage);
        return message.Length == 0 ? "failed" : $"failed: {(message.Length > LongestText ? message[..LongestText] : message)}";
    }
}
