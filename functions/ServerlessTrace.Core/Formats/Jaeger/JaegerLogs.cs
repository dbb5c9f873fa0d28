using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>
/// Reads a span's <c>logs</c>, its events: <c>[{"timestamp", "fields": […]}]</c>. They may have the same attributes as their span, and each other: so each
/// counts as a record of its own, read with keys of its own.
/// </summary>
internal sealed unsafe class JaegerLogs
{
    private const int NanosPerMicro = 3;

    private readonly ReadLimits _limits;
    private readonly JsonScanner _json;
    private readonly AttributeReader _values;
    private readonly AttributeList _fields = new();
    private readonly JaegerTags _tags;
    private StringTable _strings = new();
    private JaegerKeys _keys;

    /// <summary>For one source.</summary>
    public JaegerLogs(ReadLimits limits, JsonScanner json)
    {
        _limits = limits;
        _json = json;
        _values = new AttributeReader(limits, json);
        _tags = new JaegerTags(_values, json);
        _keys = new JaegerKeys(limits, json);
    }

    /// <summary>Begins a span.</summary>
    public void Begin(SpanBatch batch)
    {
        _strings = batch.Strings;
        _keys = _keys.IsFull ? new JaegerKeys(_limits, _json) : _keys;
    }

    /// <summary>Reads an array of logs into events; anything else is passed.</summary>
    public byte* Read(byte* at, SpanBuilder builder, int depth)
    {
        if (*at != '[')
        {
            return _json.SkipValue(at, depth);
        }

        at = _json.BeginArray(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = *at == '{' ? ReadLog(at, builder, depth + 1) : _json.SkipValue(at, depth + 1);
            at = at is null ? null : _json.EndElement(at, out ended);
        }

        return at;
    }

    private byte* ReadLog(byte* at, SpanBuilder builder, int depth)
    {
        _values.Begin(_strings);
        _fields.Clear();
        long time = 0;
        FieldKey<JaegerField> key = _keys.Beginning;
        at = _json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = _keys.ReadKey(at, ref key, JaegerKeys.Fields);
            if (at is null)
            {
                return null;
            }

            if (key.Field == JaegerField.Timestamp)
            {
                at = _json.ReadScalar(at, depth + 1, out ReadOnlySpan<byte> text);
                Timestamps.TryParseDecimal(text, NanosPerMicro, out time);
            }
            else
            {
                at = key.Field == JaegerField.Fields ? _tags.Read(at, _keys, key, JaegerKeys.Tags, _fields, depth + 1) : _json.SkipValue(at, depth + 1);
            }

            at = at is null ? null : _json.EndField(at, out ended);
        }

        if (at is not null)
        {
            _values.ResolveTexts();
            builder.Truncate(_values.Truncated);
            builder.AddEvent(JaegerLog.Name(_fields, _strings), time, _fields);
        }

        return at;
    }
}
