using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Packing;

namespace ServerlessTrace.Storage.Erasure;

/// <summary>Looks into packed spans.</summary>
internal static class PackedTraces
{
    /// <summary>The traces that are looked for among packed spans, and the hour in which each began as far as these tell; none where they are damaged.</summary>
    public static List<(TraceId Trace, int Hour)> Find(ReadOnlyMemory<byte> packed, Func<Trace, bool> isLookedFor)
    {
        var found = new List<(TraceId, int)>();
        var spans = new SpanBatch();
        try
        {
            new SpanUnpacker().Unpack(packed.Span, spans);
        }
        catch (InvalidDataException)
        {
            return found;
        }

        var trace = new Trace();
        foreach (TraceRange range in new SpanMerger().Merge(spans))
        {
            trace.Load(spans, range);
            if (isLookedFor(trace))
            {
                found.Add((range.TraceId, BlockKey.HourOf(trace.Start)));
            }
        }

        return found;
    }
}
