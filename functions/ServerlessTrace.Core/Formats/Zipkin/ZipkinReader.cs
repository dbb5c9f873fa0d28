using System.Buffers.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>
/// Reads Zipkin's JSON, version 2 (openzipkin/zipkin-api, <c>zipkin2-api.yaml</c>): arrays of spans, arrays of such arrays, and a span a line.
/// </summary>
internal sealed unsafe class ZipkinReader : JsonRecordReader
{
    private const int NanosPerMicro = 3;

    private readonly AttributeList _noAttributes = new();
    private readonly SpanBuilder _builder;
    private ZipkinKeys _keys;
    private ZipkinEndpoint _local;
    private ZipkinEndpoint _remote;
    private bool _shared;
    private string? _fault;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    public ZipkinReader(ReadLimits limits, SourceStatistics statistics, string service)
        : base(limits, statistics)
    {
        _builder = new SpanBuilder(limits, statistics, service, Json);
        _keys = new ZipkinKeys(limits, Json);
    }

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.Zipkin;

    /// <inheritdoc/>
    protected override JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner)
    {
        inner = Root;
        return value[0] == '[' ? JsonHandling.Enter : JsonHandling.Record;
    }

    /// <inheritdoc/>
    protected override byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault)
    {
        Begin(batch);
        ref SpanRecord span = ref _builder.Span;
        FieldKey<ZipkinField> key = _keys.Beginning;
        at = Json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = _keys.ReadKey(at, ref key, ZipkinKeys.InSpan);
            at = at is null ? null : ReadField(at, key, ref span);
            at = at is null ? null : Json.EndField(at, out ended);
        }

        fault = _fault ?? (span.TraceId.IsZero ? "no traceId: expected 16 or 32 hex digits" : span.SpanId.IsZero ? "no id: expected 16 hex digits" : null);
        if (at is not null && fault is null)
        {
            Finish(ref span);
        }

        return at;
    }

    private void Begin(SpanBatch batch)
    {
        _builder.Begin(batch);
        _builder.Span.Kind = SpanKind.Internal;
        _local = default;
        _remote = default;
        _shared = false;
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
                return none || SpanId.TryParse(text, out span.ParentSpanId) ? at : Note(at, "the parentId is not hexadecimal: expected 16 hex digits, not all zeros");
            case ZipkinField.Timestamp:
                at = ReadMicros(at, 2, out span.StartUnixNano, out bool isTime);
                return isTime ? at : Note(at, "the timestamp is no number of microseconds since 1970");
            case ZipkinField.Duration:
                bool isKnown = *at != 'n';
                at = ReadMicros(at, 2, out long duration, out isTime);
                span.ReportedDurationNano = isKnown ? duration : null;
                return isTime ? at : Note(at, "the duration is no number of microseconds");
            case ZipkinField.Name:
                return _builder.ReadText(at, 2, out span.Name);
            case ZipkinField.Kind:
                at = Json.ReadScalar(at, 2, out text);
                span.Kind = Kind(text);
                return at;
            case ZipkinField.LocalEndpoint:
                return ReadEndpoint(at, key, out _local);
            case ZipkinField.RemoteEndpoint:
                return ReadEndpoint(at, key, out _remote);
            case ZipkinField.Tags:
                return _builder.ReadFields(at, _keys, key, ZipkinKeys.InTags, 2);
            case ZipkinField.Annotations:
                return ReadAnnotations(at, key);
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

    private byte* ReadEndpoint(byte* at, FieldKey<ZipkinField> endpoint, out ZipkinEndpoint read)
    {
        read = default;
        if (*at != '{')
        {
            return Json.SkipValue(at, 2);
        }

        int text;
        FieldKey<ZipkinField> key = endpoint.Beginning;
        at = Json.BeginObject(at, 2, out bool ended);
        while (at is not null && !ended)
        {
            at = _keys.ReadKey(at, ref key, ZipkinKeys.InSpan);
            if (at is null)
            {
                return null;
            }

            switch (key.Field)
            {
                case ZipkinField.ServiceName:
                    at = _builder.ReadText(at, 3, out text);
                    read = read with { Service = text };
                    break;
                case ZipkinField.Ipv4 or ZipkinField.Ipv6:
                    at = _builder.ReadText(at, 3, out text);
                    read = key.Field == ZipkinField.Ipv4 || read.Address == 0 ? read with { Address = text } : read;
                    break;
                case ZipkinField.Port when *at != '"':
                    at = Json.ReadScalar(at, 3, out ReadOnlySpan<byte> digits);
                    read = Utf8Parser.TryParse(digits, out int port, out int length) && length == digits.Length ? read with { Port = port } : read;
                    break;
                default:
                    at = Json.SkipValue(at, 3);
                    break;
            }

            at = at is null ? null : Json.EndField(at, out ended);
        }

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
            at = at is null ? null : key.Field switch
            {
                ZipkinField.Timestamp => ReadMicros(at, 4, out time, out _),
                ZipkinField.Value => _builder.ReadText(at, 4, out name),
                _ => Json.SkipValue(at, 4),
            };
            at = at is null ? null : Json.EndField(at, out ended);
        }

        if (at is not null)
        {
            _builder.AddEvent(name, time, _noAttributes);
        }

        return at;
    }

    private void Finish(ref SpanRecord span)
    {
        if (span.StartUnixNano != 0)
        {
            // A message that was sent or received takes no time of its own: it has no duration, and will get none.
            bool ended = span.ReportedDurationNano is not null || span.Kind is SpanKind.Producer or SpanKind.Consumer;
            long duration = Math.Min(span.ReportedDurationNano ?? 0, long.MaxValue - span.StartUnixNano);
            span.EndUnixNano = ended ? span.StartUnixNano + duration : 0;
            span.Flags |= ended ? SpanFlags.Started | SpanFlags.Ended : SpanFlags.Started;
        }

        span.ParentSpanId = span.ParentSpanId == span.SpanId ? default : span.ParentSpanId;
        if (_shared && span.Kind == SpanKind.Server)
        {
            span.SpanId = SharedSpan.ServerHalf(span.SpanId);
            span.Flags |= SpanFlags.SharedServer;
        }

        span.Service = _local.Service;
        _builder.AddIfAbsent(_keys.LocalAddress, _local.Address);
        _builder.AddIfAbsent(_keys.PeerService, _remote.Service);
        _builder.AddIfAbsent(_keys.PeerAddress, _remote.Address);
        if (_remote.Port > 0)
        {
            _builder.Values.Add(_builder.Attributes, _keys.PeerPort, AttributeKind.Int64, _remote.Port);
        }

        ReadStatus(ref span);
        _builder.Commit();
    }

    /// <summary>A tag <c>error</c> says that the span failed, whatever its value, which may be a message; OpenTelemetry's exporter adds a status.</summary>
    private void ReadStatus(ref SpanRecord span)
    {
        int status = _builder.FindText(_keys.StatusCode);
        span.Status = _builder.Is(status, "ERROR"u8) ? SpanStatus.Error : _builder.Is(status, "OK"u8) ? SpanStatus.Ok : SpanStatus.Unset;
        if (_builder.Values.Has(_keys.Error))
        {
            int error = _builder.FindText(_keys.Error);
            bool denied = _builder.Is(error, "false"u8);
            span.Status = denied ? span.Status : SpanStatus.Error;
            span.StatusMessage = denied || _builder.Is(error, "true"u8) ? 0 : error;
        }

        int description = _builder.FindText(_keys.StatusDescription);
        span.StatusMessage = description == 0 ? span.StatusMessage : description;
    }

    /// <summary>Reads a number of microseconds, as a number or text, into nanoseconds; nothing at all is 0.</summary>
    private byte* ReadMicros(byte* at, int depth, out long nano, out bool isTime)
    {
        isTime = true;
        byte* behind = TimeReader.TryReadDecimal(at, NanosPerMicro, out nano);
        if (behind is not null)
        {
            return behind;
        }

        isTime = *at == 'n';
        at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
        nano = 0;
        isTime |= Timestamps.TryParseDecimal(text, NanosPerMicro, out nano);
        return at;
    }

    private static SpanKind Kind(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("CLIENT"u8) ? SpanKind.Client
        : text.SequenceEqual("SERVER"u8) ? SpanKind.Server
        : text.SequenceEqual("PRODUCER"u8) ? SpanKind.Producer
        : text.SequenceEqual("CONSUMER"u8) ? SpanKind.Consumer
        : SpanKind.Internal;
}
