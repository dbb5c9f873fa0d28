using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>
/// Reads records that are nested objects, field by field, in place. What is wrong with a field costs the span that field, and a flag that says
/// so; what is wrong with its ids, or all of its times, is the record's <see cref="Fault"/>.
/// </summary>
/// <typeparam name="TField">The fields that the format knows.</typeparam>
internal abstract unsafe class ObjectParser<TField>
    where TField : struct, Enum
{
    private FieldKeys<TField>? _keys;

    /// <summary>A parser for one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    /// <param name="json">How records are read.</param>
    protected ObjectParser(ReadLimits limits, SourceStatistics statistics, string service, JsonScanner json)
    {
        Limits = limits;
        Json = json;
        Builder = new SpanBuilder(limits, statistics, service, json);
    }

    /// <summary>Reads the value of a field; returns where it ends, null if it is no JSON.</summary>
    protected delegate byte* FieldReader(byte* at, FieldKey<TField> key, int depth);

    /// <summary>Reads an element of an array; returns where it ends, null if it is no JSON.</summary>
    protected delegate byte* ElementReader(byte* at, int depth);

    /// <summary>Bounds.</summary>
    protected ReadLimits Limits { get; }

    /// <summary>How records are read.</summary>
    protected JsonScanner Json { get; }

    /// <summary>What is known of the span.</summary>
    protected SpanBuilder Builder { get; }

    /// <summary>What makes the record useless; null if nothing does.</summary>
    protected string? Fault { get; set; }

    /// <summary>The names that the source uses.</summary>
    protected FieldKeys<TField> Keys => _keys ??= NewKeys();

    /// <summary>The names that are known from the beginning.</summary>
    protected abstract FieldKeys<TField> NewKeys();

    /// <summary>Begins a span.</summary>
    protected void Begin(SpanBatch batch)
    {
        _keys = Keys.IsFull ? NewKeys() : Keys;
        Builder.Begin(batch);
        Fault = null;
    }

    /// <summary>Reads an object; any other value is passed.</summary>
    protected byte* ReadObject(byte* at, FieldKey<TField> before, int place, int depth, FieldReader read)
    {
        if (*at != '{')
        {
            return Json.SkipValue(at, depth);
        }

        at = Json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = Keys.ReadKey(at, ref before, place);
            at = at is null ? null : read(at, before, depth + 1);
            at = at is null ? null : Json.EndField(at, out ended);
        }

        return at;
    }

    /// <summary>Reads an array; any other value is passed.</summary>
    protected byte* ReadArray(byte* at, int depth, ElementReader read)
    {
        if (*at != '[')
        {
            return Json.SkipValue(at, depth);
        }

        at = Json.BeginArray(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = read(at, depth + 1);
            at = at is null ? null : Json.EndElement(at, out ended);
        }

        return at;
    }

    /// <summary>Reads a time, as text or number of any unit, or as seconds and nanoseconds in an array; 0 for none.</summary>
    protected byte* ReadTime(byte* at, int depth, out long unixNano)
    {
        unixNano = 0;
        byte* start = at;
        if (*at == '[')
        {
            return ReadSecondsAndNanos(at, depth, out unixNano);
        }

        at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
        bool isNone = *start == 'n' || (*start == '"' && text.IsEmpty) || text.StartsWith("0001-01-01"u8);
        if (at is not null && !isNone && !Timestamps.TryParse(text, out unixNano))
        {
            Builder.Span.Flags |= SpanFlags.OddTime;
        }

        return at;
    }

    /// <summary>Reads a duration of any value that is a number, as text or number, times a power of ten; null, and odd, for any other.</summary>
    protected byte* ReadDuration(byte* at, int depth, int power)
    {
        at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
        if (Timestamps.TryParseDecimal(text, power, out long duration))
        {
            Builder.Span.ReportedDurationNano = duration;
        }
        else
        {
            Builder.Span.Flags |= SpanFlags.OddDuration;
        }

        return at;
    }

    /// <summary>Reads a trace id of hex digits; all zeros, for any other value.</summary>
    protected byte* ReadTraceId(byte* at, int depth, out TraceId id)
    {
        at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
        _ = TraceId.TryParse(WithoutHexPrefix(text), out id);
        return at;
    }

    /// <summary>Reads a span's id of hex digits; all zeros, for any other value.</summary>
    protected byte* ReadSpanId(byte* at, int depth, out SpanId id)
    {
        at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
        _ = SpanId.TryParse(WithoutHexPrefix(text), out id);
        return at;
    }

    /// <summary>Reads the parent's id; none for null and empty texts, and, which is odd, for what is no id.</summary>
    protected byte* ReadParentId(byte* at, int depth)
    {
        byte* start = at;
        at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
        if (!SpanId.TryParse(WithoutHexPrefix(text), out Builder.Span.ParentSpanId) && *start != 'n' && !text.IsEmpty)
        {
            Builder.Span.Flags |= SpanFlags.OddParentId;
        }

        return at;
    }

    /// <summary>Reads an object's fields as attributes.</summary>
    protected byte* ReadAttributes(byte* at, FieldKey<TField> name, int place, int depth, AttributeList? list = null) =>
        Builder.ReadFields(at, Keys, name, place, depth, list);

    /// <summary>Appends the span, unless its ids or times are missing.</summary>
    /// <param name="isOpen">Whether a span without end has not ended yet.</param>
    /// <returns>What is wrong with it; null if it was appended.</returns>
    protected string? EndSpan(bool isOpen = false)
    {
        ref SpanRecord span = ref Builder.Span;
        Fault ??= span.TraceId.IsZero ? "no trace id: expected one of 32 hex digits, not all zeros"
            : span.SpanId.IsZero ? "no span id: expected one of 16 hex digits, not all zeros"
            : (span.StartUnixNano | span.EndUnixNano) == 0 ? $"no time, or none that can be read: {Timestamps.Expected}"
            : null;
        if (Fault is null)
        {
            span.ParentSpanId = span.ParentSpanId == span.SpanId ? default : span.ParentSpanId;
            Builder.SetTimes(isOpen);
            Builder.Commit();
        }

        return Fault;
    }

    private byte* ReadSecondsAndNanos(byte* at, int depth, out long unixNano)
    {
        unixNano = 0;
        int count = 0;
        at = Json.BeginArray(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = Json.ReadScalar(at, depth + 1, out ReadOnlySpan<byte> text);
            if (count++ < 2 && Timestamps.TryParseDecimal(text, count == 1 ? 9 : 0, out long part))
            {
                unixNano += Math.Min(part, long.MaxValue - unixNano);
            }

            at = at is null ? null : Json.EndElement(at, out ended);
        }

        return at;
    }

    private static ReadOnlySpan<byte> WithoutHexPrefix(ReadOnlySpan<byte> text) => text.StartsWith("0x"u8) ? text[2..] : text;
}
