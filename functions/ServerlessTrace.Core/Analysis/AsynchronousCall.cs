using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>Which children their parent does not wait for.</summary>
internal static class AsynchronousCall
{
    /// <summary>Whether a span is a message's consumer, its parent the producer, or follows from its parent.</summary>
    public static bool IsOne(in SpanRecord parent, in SpanRecord child) =>
        (child.Flags & SpanFlags.FollowsFrom) != 0 || (parent.Kind == SpanKind.Producer && child.Kind == SpanKind.Consumer);

    /// <summary>Whether a span of the trace is asynchronous to its parent; roots are not.</summary>
    public static bool IsOne(Trace trace, int span)
    {
        int parent = trace.Parents[span];
        return parent >= 0 && IsOne(in trace[parent], in trace[span]);
    }
}
