using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>
/// Reads Zipkin's JSON, version 2 (openzipkin/zipkin-api, <c>zipkin2-api.yaml</c>): arrays of spans, arrays of such arrays, and a span a line, as Zipkin
/// stores them in Elasticsearch, too. A span whose annotations have endpoints is one of version 1, read by <see cref="ZipkinV1Parser"/>.
/// </summary>
internal sealed unsafe class ZipkinReader : JsonRecordReader
{
    private const int Record = 1;
    private const int Hit = 2;
    private const int Hits = 3;

    private static readonly ObjectPlaces Places = new(likeliest: Hit, ("traceId", Record), ("id", Record), ("_source", Hit), ("hits", Hit));

    private readonly string _service;
    private readonly AttributeList _noAttributes = new();
    private readonly SpanBuilder _builder;
    private ZipkinKeys _keys;
    private ZipkinEndpoint _local;
    private ZipkinEndpoint _remote;
    private ZipkinV1Parser? _version1;
    private long _firstAnnotation;
    private long _lastAnnotation;
    private bool _isVersion1;
    private bool _shared;
    private string? _fault;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    public ZipkinReader(ReadLimits limits, SourceStatistics statistics, string service)
        : base(limits, statistics)
    {
        _service = service;
        _builder = new SpanBuilder(limits, statistics, service, Json);
        _keys = new ZipkinKeys(limits, Json);
    }

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.Zipkin;

    /// <inheritdoc/>
    protected override JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner)
    {
        bool array = value[0] == '[';
        inner = place switch
        {
            Root or Hits when array => place,
            Root when value[0] == '{' && !value.StartsWith("{\"traceId\""u8) => Places.Of(value, isLast || value.Length > Limits.RecordBytes),
            Hits when value[0] == '{' => Hit,
            Hit when key.SequenceEqual("_source"u8) => Record,
            Hit when key.SequenceEqual("hits"u8) => array ? Hits : Hit,
            Hit => ObjectPlaces.Passed,
            _ => Record,
        };
        return inner switch
        {
            Root or Hits or Hit => JsonHandling.Enter,
            ObjectPlaces.Unclear => JsonHandling.Undecided,
            ObjectPlaces.Passed => JsonHandling.Skip,
            _ => JsonHandling.Record,
        };
    }

    /// <inheritdoc/>
    protected override byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault)
    {
        Begin(batch);
        byte* start = at;
        ref SpanRecord span = ref _builder.Span;
        FieldKey<ZipkinField> key = _keys.Beginning;
        at = Json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = _keys.ReadKey(at, ref key, ZipkinKeys.InSpan);
            at = at is null ? null : ReadField(at, key, ref span);
            at = at is null ? null : Json.EndField(at, out ended);
        }

        if (at is not null && _isVersion1)
        {
            long line = Json.Line;
            at = (_version1 ??= new ZipkinV1Parser(Limits, Statistics, _service, Json)).Read(start, batch, out fault);
            Json.Line = line;
            return at;
        }

        fault = _fault ?? (span.TraceId.IsZero ? "no traceId: expected 16 or 32 hex digits" : span.SpanId.IsZero ? "no id: expected 16 hex digits" : null);
        fault ??= at is null ? null : Finish(ref span);
        return at;
    }

    private void Begin(SpanBatch batch)
    {
        _builder.Begin(batch);
        _builder.Span.Kind = SpanKind.Internal;
        _local = default;
        _remote = default;
        _shared = false;
        _isVersion1 = false;
        _firstAnnotation = _lastAnnotation = 0;
        _fault = null;
        _keys = _keys.IsFull ? new ZipkinKeys(Limits, Json) : _keys;
    }

    private byte* ReadField(byte* at, FieldKey<ZipkinField> key, ref SpanRecord span)
    {
        ReadOnlySpan<byte> text;
        switch (key.Field)
        {
            case ZipkinField.TraceId:
                at = Json.ReadScalar(at, 2, out text);
                return TraceId.TryParse(text, out span.TraceId) ? at : Note(at, "the traceId is not hexadecimal: expected 16 or 32 hex digits, not all zeros");
            case ZipkinField.Id:
                at = Json.ReadScalar(at, 2, out text);
                return SpanId.TryParse(text, out span.SpanId) ? at : Note(at, "the id is not hexadecimal: expected 16 hex digits, not all zeros");
            case ZipkinField.ParentId:
                bool none = *at == 'n';
                at = Json.ReadScalar(at, 2, out text);
                span.Flags |= none || text.IsEmpty || SpanId.TryParse(text, out span.ParentSpanId) ? SpanFlags.None : SpanFlags.OddParentId;
                return at;
            case ZipkinField.Timestamp:
                at = ZipkinParts.ReadMicros(at, Json, 2, out span.StartUnixNano, out bool isTime);
                span.Flags |= isTime ? SpanFlags.None : SpanFlags.OddTime;
                return at;
            case ZipkinField.Duration:
                bool isKnown = *at != 'n';
                at = ZipkinParts.ReadMicros(at, Json, 2, out long duration, out isTime);
                span.ReportedDurationNano = isKnown && isTime ? duration : null;
                span.Flags |= isTime ? SpanFlags.None : SpanFlags.OddDuration;
                return at;
            case ZipkinField.Name:
                return _builder.ReadText(at, 2, out span.Name);
            case ZipkinField.Kind:
                at = Json.ReadScalar(at, 2, out text);
                span.Kind = Kind(text);
                return at;
            case ZipkinField.LocalEndpoint:
                return ZipkinParts.ReadEndpoint(at, Json, _keys, _builder, key, 2, out _local);
            case ZipkinField.RemoteEndpoint:
                return ZipkinParts.ReadEndpoint(at, Json, _keys, _builder, key, 2, out _remote);
            case ZipkinField.Tags:
                return _builder.ReadFields(at, _keys, key, ZipkinKeys.InTags, 2);
            case ZipkinField.Annotations:
                return ReadAnnotations(at, key);
            case ZipkinField.BinaryAnnotations:
                _isVersion1 |= *at == '[';
                return Json.SkipValue(at, 2);
            case ZipkinField.Shared:
                _shared = *at == 't';
                return Json.SkipValue(at, 2);
            case ZipkinField.Debug:
                if (*at == 't')
                {
                    _builder.Values.Add(_builder.Attributes, _keys.Debug, AttributeKind.Bool, 1);
                }

                return Json.SkipValue(at, 2);
            default:
                return _builder.Values.Read(at, key.Attribute, _builder.Attributes, 2);
        }
    }

    /// <summary>Remembers what is wrong first.</summary>
    private byte* Note(byte* at, string fault)
    {
        _fault ??= fault;
        return at;
    }

    private byte* ReadAnnotations(byte* at, FieldKey<ZipkinField> annotations)
    {
        if (*at != '[')
        {
            return Json.SkipValue(at, 2);
        }

        at = Json.BeginArray(at, 2, out bool ended);
        while (at is not null && !ended)
        {
            at = *at == '{' ? ReadAnnotation(at, annotations) : Json.SkipValue(at, 3);
            at = at is null ? null : Json.EndElement(at, out ended);
        }

        return at;
    }

    private byte* ReadAnnotation(byte* at, FieldKey<ZipkinField> annotations)
    {
        long time = 0;
        int name = 0;
        FieldKey<ZipkinField> key = annotations.Beginning;
        at = Json.BeginObject(at, 3, out bool ended);
        while (at is not null && !ended)
        {
            at = _keys.ReadKey(at, ref key, ZipkinKeys.InSpan);
            _isVersion1 |= key.Field == ZipkinField.Endpoint;
            at = at is null ? null : key.Field switch
            {
                ZipkinField.Timestamp => ZipkinParts.ReadMicros(at, Json, 4, out time, out _),
                ZipkinField.Value => _builder.ReadText(at, 4, out name),
                _ => Json.SkipValue(at, 4),
            };
            at = at is null ? null : Json.EndField(at, out ended);
        }

        if (at is not null)
        {
            _firstAnnotation = time != 0 && (_firstAnnotation == 0 || time < _firstAnnotation) ? time : _firstAnnotation;
            _lastAnnotation = Math.Max(_lastAnnotation, time);
            _builder.AddEvent(name, time, _noAttributes);
        }

        return at;
    }

    private string? Finish(ref SpanRecord span)
    {
        SetTimes(ref span);
        span.ParentSpanId = span.ParentSpanId == span.SpanId ? default : span.ParentSpanId;
        bool isTimeless = (span.Flags & (SpanFlags.Started | SpanFlags.Ended)) == 0;
        if (isTimeless && span.Kind != SpanKind.Server)
        {
            return "no timestamp: expected microseconds since 1970";
        }

        // As in version 1, a server without a time of its own has the client's id.
        if ((_shared || isTimeless) && span.Kind == SpanKind.Server)
        {
            span.SpanId = SharedSpan.ServerHalf(span.SpanId);
            span.Flags |= SpanFlags.SharedServer;
        }

        ZipkinParts.Finish(ref span, _builder, _keys, _local, _remote);
        _builder.Commit();
        return null;
    }

    /// <summary>A span without a timestamp begins with its first annotation and, without a duration, ends with its last one.</summary>
    private void SetTimes(ref SpanRecord span)
    {
        if (span.StartUnixNano == 0 && _firstAnnotation != 0)
        {
            span.StartUnixNano = _firstAnnotation;
            span.ReportedDurationNano ??= _lastAnnotation > _firstAnnotation ? _lastAnnotation - _firstAnnotation : null;
        }

        if (span.StartUnixNano != 0)
        {
            // A message that was sent or received takes no time of its own: it has no duration, and will get none.
            _builder.SetTimes(isOpen: span.Kind is not (SpanKind.Producer or SpanKind.Consumer));
        }
    }

    private static SpanKind Kind(ReadOnlySpan<byte> text) =>
        Ascii.EqualsIgnoreCase(text, "CLIENT"u8) ? SpanKind.Client
        : Ascii.EqualsIgnoreCase(text, "SERVER"u8) ? SpanKind.Server
        : Ascii.EqualsIgnoreCase(text, "PRODUCER"u8) ? SpanKind.Producer
        : Ascii.EqualsIgnoreCase(text, "CONSUMER"u8) ? SpanKind.Consumer
        : SpanKind.Internal;
}
