using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>
/// How long a span worked itself: the part of its time in which none of its children ran. Children that it does not wait
/// for (<see cref="AsynchronousCall"/>) take nothing away, nor does what they do outside its time.
/// </summary>
public static class SelfTime
{
    /// <summary>The self time of every span in ns, by index; 0 for an open span.</summary>
    public static long[] Of(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var self = new long[trace.SpanCount];
        Measure(trace, self);
        return self;
    }

    /// <summary>Writes the self time of every span in ns, by index, to an array of at least <see cref="Trace.SpanCount"/>.</summary>
    public static void Measure(Trace trace, Span<long> self)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ReadOnlySpan<int> first = trace.FirstChildren;
        ReadOnlySpan<int> next = trace.NextSiblings;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            ref readonly SpanRecord span = ref trace[i];
            long end = span.End;
            long covered = span.Start;
            long waited = 0;

            // Children come in order of start, so the union grows at its end only.
            for (int c = first[i]; c >= 0; c = next[c])
            {
                ref readonly SpanRecord child = ref trace[c];
                long childStart = Math.Max(child.Start, covered);
                long childEnd = Math.Min(child.End, end);
                if (childStart < childEnd && !AsynchronousCall.IsOne(in span, in child))
                {
                    waited += childEnd - childStart;
                    covered = childEnd;
                }
            }

            self[i] = span.Duration - waited;
        }
    }
}
