using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>Reads one span of Jaeger's JSON.</summary>
internal sealed unsafe class JaegerSpanParser
{
    private const int NanosPerMicro = 3;
    private const int NanosPerMilli = 6;

    private readonly ReadLimits _limits;
    private readonly SourceStatistics _statistics;
    private readonly JsonScanner _json;
    private readonly SpanBuilder _builder;
    private readonly JaegerTags _tags;
    private readonly JaegerLogs _logs;
    private readonly List<JaegerReference> _references = [];
    private JaegerKeys _keys;
    private byte* _processId;
    private byte* _process;
    private long _startOfMillis;
    private string? _fault;

    /// <summary>A parser for one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    /// <param name="json">How records are read.</param>
    public JaegerSpanParser(ReadLimits limits, SourceStatistics statistics, string service, JsonScanner json)
    {
        _limits = limits;
        _statistics = statistics;
        _json = json;
        _builder = new SpanBuilder(limits, statistics, service, json);
        _tags = new JaegerTags(_builder.Values, json);
        _logs = new JaegerLogs(limits, json);
        _keys = new JaegerKeys(limits, json);
    }

    /// <summary>Appends a span without its process, as <see cref="JsonRecordReader"/> asks for.</summary>
    public byte* Read(byte* at, SpanBatch batch, out JaegerProcessReference process, out string? fault)
    {
        _builder.Begin(batch);
        _logs.Begin(batch);
        _references.Clear();
        _processId = _process = null;
        _fault = null;
        _startOfMillis = 0;
        _keys = _keys.IsFull ? new JaegerKeys(_limits, _json) : _keys;
        ref SpanRecord span = ref _builder.Span;
        FieldKey<JaegerField> key = _keys.Beginning;
        at = _json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = _keys.ReadKey(at, ref key, JaegerKeys.Fields);
            at = at is null ? null : ReadField(at, key, ref span);
            at = at is null ? null : _json.EndField(at, out ended);
        }

        process = new JaegerProcessReference(_processId, _process);
        span.StartUnixNano = span.StartUnixNano != 0 ? span.StartUnixNano : _startOfMillis;
        fault = _fault
            ?? (span.TraceId.IsZero ? "no traceID: expected 16 or 32 hex digits"
            : span.SpanId.IsZero ? "no spanID: expected 16 hex digits"
            : span.StartUnixNano == 0 ? "no startTime: expected microseconds since 1970"
            : null);
        if (at is not null && fault is null)
        {
            Finish(ref span);
        }

        return at;
    }

    private byte* ReadField(byte* at, FieldKey<JaegerField> key, ref SpanRecord span)
    {
        ReadOnlySpan<byte> text;
        switch (key.Field)
        {
            case JaegerField.TraceId:
                at = _json.ReadScalar(at, 2, out text);
                return TraceId.TryParse(text, out span.TraceId) ? at : Note(at, "the traceID is not hexadecimal: expected 16 or 32 hex digits, not all zeros");
            case JaegerField.SpanId:
                at = _json.ReadScalar(at, 2, out text);
                return SpanId.TryParse(text, out span.SpanId) ? at : Note(at, "the spanID is not hexadecimal: expected 16 hex digits, not all zeros");
            case JaegerField.ParentSpanId:
                at = _json.ReadScalar(at, 2, out text);
                span.Flags |= text.IsEmpty || SpanId.TryParse(text, out span.ParentSpanId) ? SpanFlags.None : SpanFlags.OddParentId;
                return at;
            case JaegerField.StartTime:
                at = ReadMicros(at, out span.StartUnixNano, out bool isTime);
                span.Flags |= isTime ? SpanFlags.None : SpanFlags.OddTime;
                return at;
            case JaegerField.StartTimeMillis:
                at = _json.ReadScalar(at, 2, out text);
                _ = Timestamps.TryParseDecimal(text, NanosPerMilli, out _startOfMillis);
                return at;
            case JaegerField.Duration:
                at = ReadMicros(at, out long duration, out isTime);
                span.ReportedDurationNano = isTime ? duration : null;
                span.Flags |= isTime ? SpanFlags.None : SpanFlags.OddDuration;
                return at;
            case JaegerField.OperationName:
                return _builder.ReadText(at, 2, out span.Name);
            case JaegerField.References:
                return ReadReferences(at);
            case JaegerField.Tags:
                return _tags.Read(at, _keys, key, JaegerKeys.Tags, _builder.Attributes, 2);
            case JaegerField.TagFields:
                return _builder.ReadFields(at, _keys, key, JaegerKeys.TagFields, 2);
            case JaegerField.Logs:
                return _logs.Read(at, _builder, 2);
            case JaegerField.ProcessId:
                _processId = *at == '"' ? at : null;
                return _json.SkipValue(at, 2);
            case JaegerField.Process:
                _process = *at == '{' ? at : _process;
                return _json.SkipValue(at, 2);
            default:
                return _json.SkipValue(at, 2);
        }
    }

    /// <summary>Remembers what is wrong first.</summary>
    private byte* Note(byte* at, string fault)
    {
        _fault ??= fault;
        return at;
    }

    private byte* ReadMicros(byte* at, out long nano, out bool isTime)
    {
        byte* behind = TimeReader.TryReadDecimal(at, NanosPerMicro, out nano);
        isTime = behind is not null;
        if (!isTime)
        {
            behind = _json.ReadScalar(at, 2, out ReadOnlySpan<byte> text);
            isTime = Timestamps.TryParseDecimal(text, NanosPerMicro, out nano);
        }

        return behind;
    }

    private byte* ReadReferences(byte* at)
    {
        if (*at != '[')
        {
            return _json.SkipValue(at, 2);
        }

        at = _json.BeginArray(at, 2, out bool ended);
        while (at is not null && !ended)
        {
            at = *at == '{' ? ReadReference(at) : _json.SkipValue(at, 3);
            at = at is null ? null : _json.EndElement(at, out ended);
        }

        return at;
    }

    private byte* ReadReference(byte* at)
    {
        bool follows = false;
        TraceId traceId = default;
        SpanId spanId = default;
        FieldKey<JaegerField> key = _keys.Beginning;
        at = _json.BeginObject(at, 3, out bool ended);
        while (at is not null && !ended)
        {
            at = _keys.ReadKey(at, ref key, JaegerKeys.Fields);
            if (at is null)
            {
                return null;
            }

            at = _json.ReadScalar(at, 4, out ReadOnlySpan<byte> text);
            follows = key.Field == JaegerField.RefType ? text.SequenceEqual("FOLLOWS_FROM"u8) : follows;
            _ = (key.Field == JaegerField.TraceId && TraceId.TryParse(text, out traceId)) || (key.Field == JaegerField.SpanId && SpanId.TryParse(text, out spanId));
            at = at is null ? null : _json.EndField(at, out ended);
        }

        if (at is not null && !spanId.IsZero && _references.Count < _limits.AttributesPerSpan)
        {
            _references.Add(new JaegerReference(follows, traceId, spanId));
        }

        return at;
    }

    private void Finish(ref SpanRecord span)
    {
        _builder.SetTimes(isOpen: false);
        JaegerReference.Apply(_references, ref span, _builder, _keys.ReferenceType);
        ReadKnownTags(ref span);
        _builder.Commit();

        // Counted again when it turns out that the trace knows no process for the span.
        _statistics.ServiceFromSource--;
    }

    /// <summary>What OpenTracing's and OpenTelemetry's conventions put into tags goes to the span's fields.</summary>
    private void ReadKnownTags(ref SpanRecord span)
    {
        int text = _builder.FindText(_keys.SpanKind);
        if (SpanLogValues.TryParseKind(_builder.TextOf(text), out SpanKind kind))
        {
            span.Kind = kind;
            RemoveIf(text != 0, _keys.SpanKind);
        }

        text = _builder.FindText(_keys.StatusCode);
        span.Status = _builder.Is(text, "ERROR"u8) ? SpanStatus.Error : _builder.Is(text, "OK"u8) ? SpanStatus.Ok : SpanStatus.Unset;
        RemoveIf(text != 0, _keys.StatusCode);
        if (_builder.Find(_keys.Error) is { } error)
        {
            ReadError(ref span, error);
        }

        text = _builder.FindText(_keys.StatusDescription);
        span.StatusMessage = text != 0 ? text : span.StatusMessage;
        RemoveIf(text != 0, _keys.StatusDescription);
        span.TraceState = _builder.FindText(_keys.TraceState);
        RemoveIf(span.TraceState != 0, _keys.TraceState);
    }

    private void ReadError(ref SpanRecord span, SpanAttribute error)
    {
        int message = error.IsText ? error.Text : 0;
        if ((error.Kind == AttributeKind.Bool && error.Bits != 0) || _builder.Is(message, "true"u8))
        {
            span.Status = SpanStatus.Error;
            _builder.Remove(_keys.Error);
        }
        else if (message != 0 && !_builder.Is(message, "false"u8))
        {
            span.Status = SpanStatus.Error;
            span.StatusMessage = message;
        }
    }

    private void RemoveIf(bool known, AttributeKey key)
    {
        if (known)
        {
            _builder.Remove(key);
        }
    }
}
