using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>Looks for an attribute in a whole trace.</summary>
public static class TraceAttributes
{
    /// <summary>
    /// Whether a span or an event of the trace has an attribute with a value: its own, its baggage's or its resource's. Case, <c>_</c>, <c>.</c> and <c>-</c>
    /// make no difference in the key; the value is compared as text.
    /// </summary>
    public static bool Has(Trace trace, string key, string value)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(key);
        var names = new BusinessKeyNumbers(trace.Batch, [key]);
        for (int i = 0; i < trace.RecordCount; i++)
        {
            ref readonly SpanRecord span = ref trace[i];
            if (Has(trace.Batch, trace.Batch.Attributes(in span), names, value) || Has(trace.Batch, trace.Batch.SharedAttributes(in span), names, value))
            {
                return true;
            }

            foreach (ref readonly SpanEvent spanEvent in trace.Batch.Events(in span))
            {
                if (Has(trace.Batch, trace.Batch.Attributes(in spanEvent), names, value))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool Has(SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes, BusinessKeyNumbers names, string value)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (names[attribute.Key] >= 0 && string.Equals(AttributeText.Of(batch, in attribute), value, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
