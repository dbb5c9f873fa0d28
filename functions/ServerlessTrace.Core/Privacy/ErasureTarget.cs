using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Privacy;

/// <summary>What is to be erased: one trace, or every trace that has a value of a business key.</summary>
/// <param name="TraceId">The trace's id, 32 hex digits; null where it is about a value.</param>
/// <param name="Key">The business key; null where it is about one trace.</param>
/// <param name="Value">The key's value; null where it is about one trace.</param>
public sealed record ErasureTarget(string? TraceId, string? Key, string? Value)
{
    /// <summary>One trace.</summary>
    public static ErasureTarget Of(TraceId trace) => new(trace.ToString(), null, null);

    /// <summary>Every trace that has a value; case, <c>_</c>, <c>.</c> and <c>-</c> make no difference in the key.</summary>
    public static ErasureTarget Of(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        return new(null, AttributeName.Plain(key), value);
    }

    /// <summary>The one trace; null where it is about a value.</summary>
    public TraceId? Trace => Spans.TraceId.TryParse(TraceId.AsSpan(), out TraceId trace) ? trace : null;

    /// <summary>The same for the same target, different for any other; in the clear.</summary>
    public string Identity => TraceId is not null ? $"trace\n{TraceId}" : $"correlation\n{Key}\n{Value}";

    /// <summary>Whether a trace is to be erased.</summary>
    public bool Has(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        return Trace is { } one ? trace.Id == one : TraceAttributes.Has(trace, Key!, Value!);
    }

    /// <summary>Whether any of a batch's records is of one of some traces, or of a trace that has the value in these records; the batch is changed.</summary>
    public bool IsAmong(SpanBatch batch, IReadOnlySet<TraceId> traces)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(traces);
        foreach (ref readonly SpanRecord part in batch.Spans)
        {
            if (traces.Contains(part.TraceId))
            {
                return true;
            }
        }

        if (Key is null)
        {
            return false;
        }

        var trace = new Trace();
        foreach (TraceRange range in new SpanMerger().Merge(batch))
        {
            trace.Load(batch, range);
            if (Has(trace))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an attribute of this name with this value gives the erased value away.</summary>
    public bool IsValue(string name, string value) => Key is not null && AttributeName.Plain(name) == Key && string.Equals(value, Value, StringComparison.Ordinal);
}
