using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export;

/// <summary>A trace as other tools are told of it, whatever the encoding.</summary>
internal class ExportedTrace(Trace trace)
{
    public Trace Trace => trace;

    public SpanBatch Batch => trace.Batch;

    /// <summary>
    /// The records whose events belong with a span: its own, and for the root those of the trace itself and of spans that were not received.
    /// </summary>
    public int EventRecords(int span) => span == trace.Root ? 1 + trace.RecordCount - trace.SpanCount : 1;

    /// <summary>The record of a number below <see cref="EventRecords"/>.</summary>
    public int EventRecord(int span, int number) => number == 0 ? span : trace.SpanCount + number - 1;

    /// <summary>Whether there are events to write with a span.</summary>
    public bool HasEvents(int span)
    {
        for (int i = 0; i < EventRecords(span); i++)
        {
            if (trace[EventRecord(span, i)].EventCount > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The parent's id, also where a shared span's halves were told apart; of a missing parent the recorded one; zero where the reference was
    /// cut to break a cycle, over which other tools stumble.
    /// </summary>
    public SpanId ParentOf(int span) => trace.Parents[span] >= 0 ? trace[trace.Parents[span]].SpanId : IsCut(span) ? default : trace[span].ParentSpanId;

    /// <summary>Whether the reference to the parent was cut, since the span is its own ancestor.</summary>
    public bool IsCut(int span) => trace.Parents[span] < 0 && !trace[span].ParentSpanId.IsZero && trace.IndexOf(trace[span].ParentSpanId) >= 0;
}
