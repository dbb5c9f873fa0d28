using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>
/// Reads a span of Zipkin's JSON, version 1 (openzipkin/zipkin-api, <c>zipkin-api.yaml</c>): its kind, service and times stand in annotations
/// (<c>cs</c>, <c>cr</c>, <c>sr</c>, <c>ss</c>, <c>ms</c>, <c>mr</c>), its tags in binary annotations, each with an endpoint. A span that client and server
/// have both added to becomes two, by the rules of <c>zipkin2.v1.V1SpanConverter</c>.
/// </summary>
internal sealed unsafe class ZipkinV1Parser : ObjectParser<ZipkinField>
{
    private readonly FieldReader _readField;
    private readonly FieldReader _readAnnotationField;
    private readonly FieldReader _readTagField;
    private readonly ElementReader _readAnnotation;
    private readonly ElementReader _readTag;
    private readonly AttributeList _noAttributes = new();
    private readonly List<ZipkinAnnotation> _annotations = [];
    private readonly List<ZipkinTag> _tags = [];
    private ZipkinAnnotation _annotation;
    private ZipkinTag _tag;
    private SpanBatch _batch = new();
    private SpanRecord _span;
    private bool _isDebug;

    /// <inheritdoc/>
    public ZipkinV1Parser(ReadLimits limits, SourceStatistics statistics, string service, JsonScanner json)
        : base(limits, statistics, service, json)
    {
        _readField = ReadField;
        _readAnnotationField = ReadAnnotationField;
        _readTagField = ReadTagField;
        _readAnnotation = ReadAnnotation;
        _readTag = ReadTag;
    }

    private ZipkinKeys Names => (ZipkinKeys)Keys;

    /// <summary>Appends the one or two spans of the object at a brace, as <see cref="JsonRecordReader"/> asks for.</summary>
    public byte* Read(byte* at, SpanBatch batch, out string? fault)
    {
        _batch = batch;
        Begin(batch);
        _annotations.Clear();
        _tags.Clear();
        _isDebug = false;
        at = ReadObject(at, Keys.Beginning, ZipkinKeys.InSpan, 1, _readField);
        _span = Builder.Span;
        fault = at is null ? null
            : _span.TraceId.IsZero ? "no traceId: expected 16 or 32 hex digits, not all zeros"
            : _span.SpanId.IsZero ? "no id: expected 16 hex digits, not all zeros"
            : null;
        fault ??= at is null ? null : AddSpans();
        return at;
    }

    /// <inheritdoc/>
    protected override FieldKeys<ZipkinField> NewKeys() => new ZipkinKeys(Limits, Json);

    private byte* ReadField(byte* at, FieldKey<ZipkinField> key, int depth)
    {
        ref SpanRecord span = ref Builder.Span;
        switch (key.Field)
        {
            case ZipkinField.TraceId:
                return ReadTraceId(at, depth, out span.TraceId);
            case ZipkinField.Id:
                return ReadSpanId(at, depth, out span.SpanId);
            case ZipkinField.ParentId:
                return ReadParentId(at, depth);
            case ZipkinField.Name:
                return Builder.ReadText(at, depth, out span.Name);
            case ZipkinField.Timestamp:
                at = ZipkinParts.ReadMicros(at, Json, depth, out span.StartUnixNano, out bool isTime);
                span.Flags |= isTime ? SpanFlags.None : SpanFlags.OddTime;
                return at;
            case ZipkinField.Duration:
                bool isKnown = *at != 'n';
                at = ZipkinParts.ReadMicros(at, Json, depth, out long duration, out isTime);
                span.ReportedDurationNano = isKnown && isTime && duration > 0 ? duration : null;
                span.Flags |= isTime ? SpanFlags.None : SpanFlags.OddDuration;
                return at;
            case ZipkinField.Annotations:
                return ReadArray(at, depth, _readAnnotation);
            case ZipkinField.BinaryAnnotations:
                return ReadArray(at, depth, _readTag);
            case ZipkinField.Debug:
                _isDebug = *at == 't';
                return Json.SkipValue(at, depth);
            default:
                return Json.SkipValue(at, depth);
        }
    }

    private byte* ReadAnnotation(byte* at, int depth)
    {
        _annotation = default;
        at = ReadObject(at, Keys.Beginning, ZipkinKeys.InSpan, depth, _readAnnotationField);
        if (at is not null && _annotation.Value != 0 && _annotations.Count < Limits.AttributesPerSpan)
        {
            _annotations.Add(_annotation with { Kind = ZipkinAnnotation.KindOf(Builder.TextOf(_annotation.Value)) });
        }

        return at;
    }

    private byte* ReadAnnotationField(byte* at, FieldKey<ZipkinField> key, int depth)
    {
        switch (key.Field)
        {
            case ZipkinField.Timestamp:
                at = ZipkinParts.ReadMicros(at, Json, depth, out long time, out _);
                _annotation = _annotation with { Time = time };
                return at;
            case ZipkinField.Value:
                at = Builder.ReadText(at, depth, out int value);
                _annotation = _annotation with { Value = value };
                return at;
            case ZipkinField.Endpoint:
                at = ZipkinParts.ReadEndpoint(at, Json, Names, Builder, key, depth, out ZipkinEndpoint endpoint);
                _annotation = _annotation with { Endpoint = endpoint };
                return at;
            default:
                return Json.SkipValue(at, depth);
        }
    }

    private byte* ReadTag(byte* at, int depth)
    {
        _tag = default;
        at = ReadObject(at, Keys.Beginning, ZipkinKeys.InSpan, depth, _readTagField);
        if (at is not null && _tag.Key is not null && _tag.Value is not null && _tags.Count < Limits.AttributesPerSpan)
        {
            _tags.Add(_tag);
        }

        return at;
    }

    private byte* ReadTagField(byte* at, FieldKey<ZipkinField> key, int depth)
    {
        switch (key.Field)
        {
            case ZipkinField.Key when *at == '"':
                _tag.Key = at;
                return Json.SkipValue(at, depth);
            case ZipkinField.Value:
                _tag.Value = at;
                return Json.SkipValue(at, depth);
            case ZipkinField.Endpoint:
                return ZipkinParts.ReadEndpoint(at, Json, Names, Builder, key, depth, out _tag.Endpoint);
            default:
                return Json.SkipValue(at, depth);
        }
    }

    private string? AddSpans()
    {
        ZipkinAnnotation? clientSent = First(ZipkinCore.ClientSent);
        ZipkinAnnotation? clientReceived = First(ZipkinCore.ClientReceived);
        ZipkinAnnotation? serverReceived = First(ZipkinCore.ServerReceived);
        ZipkinAnnotation? serverSent = First(ZipkinCore.ServerSent);
        ZipkinAnnotation? sent = First(ZipkinCore.MessageSent);
        ZipkinAnnotation? received = First(ZipkinCore.MessageReceived);
        bool isClient = clientSent is not null || clientReceived is not null;
        bool isServer = serverReceived is not null || serverSent is not null;

        // Version 1 has no field "shared": a server that did not begin the span reports no timestamp.
        bool isShared = isServer && (isClient || _span.StartUnixNano == 0);
        bool hasOther = isClient || sent is not null;
        if (isClient)
        {
            AddSpan(SpanKind.Client, (clientSent ?? clientReceived)!.Value.Endpoint, clientSent, clientReceived, _span.StartUnixNano != 0, isShared: false, takesRest: true);
        }

        if (isServer)
        {
            AddSpan(SpanKind.Server, (serverReceived ?? serverSent)!.Value.Endpoint, serverReceived, serverSent, !isShared && _span.StartUnixNano != 0, isShared, takesRest: !isClient);
        }

        if (sent is not null)
        {
            AddSpan(SpanKind.Producer, sent.Value.Endpoint, sent, null, _span.StartUnixNano != 0, isShared: false, takesRest: true);
        }

        if (received is not null)
        {
            AddSpan(SpanKind.Consumer, received.Value.Endpoint, received, null, !hasOther && _span.StartUnixNano != 0, isShared: sent is not null, takesRest: sent is null);
        }

        return hasOther || isServer || received is not null ? null : AddLocalSpan();
    }

    /// <summary>A span without such annotations is local work, or a call if it has the called server's address.</summary>
    private string? AddLocalSpan()
    {
        ZipkinEndpoint local = default;
        long first = 0;
        long last = 0;
        foreach (ZipkinAnnotation annotation in _annotations)
        {
            local = local.Service != 0 ? local : annotation.Endpoint;
            first = annotation.Time != 0 && (first == 0 || annotation.Time < first) ? annotation.Time : first;
            last = Math.Max(last, annotation.Time);
        }

        bool isCall = false;
        foreach (ZipkinTag tag in _tags)
        {
            bool isServerAddress = JsonScanner.Stands(tag.Key, "\"sa\""u8);
            isCall |= isServerAddress;
            local = local.Service != 0 || isServerAddress || JsonScanner.Stands(tag.Key, "\"ca\""u8) ? local : tag.Endpoint;
        }

        if (_span.StartUnixNano == 0 && first == 0)
        {
            return "no timestamp, nor an annotation with one: expected microseconds since 1970";
        }

        ZipkinAnnotation? begin = first == 0 ? null : new ZipkinAnnotation { Time = first };
        ZipkinAnnotation? end = last > first ? new ZipkinAnnotation { Time = last } : null;
        AddSpan(isCall ? SpanKind.Client : SpanKind.Internal, local, begin, end, _span.StartUnixNano != 0, isShared: false, takesRest: true);
        return null;
    }

    private ZipkinAnnotation? First(ZipkinCore kind)
    {
        foreach (ZipkinAnnotation annotation in _annotations)
        {
            if (annotation.Kind == kind && annotation.Time != 0)
            {
                return annotation;
            }
        }

        return null;
    }

    /// <summary>Appends what one side says.</summary>
    /// <param name="kind">Which side.</param>
    /// <param name="local">Its endpoint.</param>
    /// <param name="begin">The annotation with which it begins.</param>
    /// <param name="end">The annotation with which it ends.</param>
    /// <param name="hasTimes">Whether the span's own times are this side's.</param>
    /// <param name="isShared">Whether the id is the other side's.</param>
    /// <param name="takesRest">Whether it takes what belongs to no endpoint.</param>
    private void AddSpan(
        SpanKind kind, ZipkinEndpoint local, ZipkinAnnotation? begin, ZipkinAnnotation? end, bool hasTimes, bool isShared, bool takesRest)
    {
        Builder.Begin(_batch);
        ref SpanRecord span = ref Builder.Span;
        span.TraceId = _span.TraceId;
        span.SpanId = isShared ? SharedSpan.ServerHalf(_span.SpanId) : _span.SpanId;
        span.ParentSpanId = _span.ParentSpanId == _span.SpanId ? default : _span.ParentSpanId;
        span.Name = _span.Name;
        span.Kind = kind;
        span.Flags = _span.Flags | (isShared ? SpanFlags.SharedServer : SpanFlags.None);
        span.StartUnixNano = hasTimes ? _span.StartUnixNano : begin?.Time ?? 0;
        if (hasTimes)
        {
            span.ReportedDurationPlusOne = _span.ReportedDurationPlusOne;
        }

        if (span.ReportedDurationPlusOne == 0 && end is { } last && last.Time > 0)
        {
            span.EndUnixNano = last.Time;
        }

        ZipkinEndpoint remote = AddTags(kind, local, takesRest);
        AddEvents(local, takesRest);
        if (_isDebug)
        {
            Builder.Values.Add(Builder.Attributes, Names.Debug, AttributeKind.Bool, 1);
        }

        ZipkinParts.Finish(ref span, Builder, Names, local, remote);
        Builder.SetTimes(isOpen: kind is not (SpanKind.Producer or SpanKind.Consumer));
        Builder.Commit();
    }

    /// <summary>Adds the tags of an endpoint; returns the address of the other side, which is one of them.</summary>
    private ZipkinEndpoint AddTags(SpanKind kind, ZipkinEndpoint local, bool takesRest)
    {
        ZipkinEndpoint remote = default;
        foreach (ZipkinTag tag in _tags)
        {
            // "ca", "sa" and "ma" are true, and what counts is their endpoint.
            bool isServer = JsonScanner.Stands(tag.Key, "\"sa\""u8) || JsonScanner.Stands(tag.Key, "\"ma\""u8);
            if (*tag.Value == 't' && (isServer || JsonScanner.Stands(tag.Key, "\"ca\""u8)))
            {
                bool isOther = isServer ? kind != SpanKind.Server : kind == SpanKind.Server;
                remote = !isOther ? remote : tag.Endpoint.Service == local.Service ? tag.Endpoint with { Service = 0 } : tag.Endpoint;
            }
            else if (Belongs(tag.Endpoint, local, takesRest))
            {
                FieldKey<ZipkinField> key = Keys.Beginning;
                Keys.ReadName(tag.Key + 1, ref key, ZipkinKeys.InTags);
                if (*tag.Value != 'n')
                {
                    Builder.Values.Read(tag.Value, key.Attribute, Builder.Attributes, 4);
                }
            }
        }

        return remote;
    }

    private void AddEvents(ZipkinEndpoint local, bool takesRest)
    {
        foreach (ZipkinAnnotation annotation in _annotations)
        {
            if (annotation.Kind == ZipkinCore.None && Belongs(annotation.Endpoint, local, takesRest))
            {
                Builder.AddEvent(annotation.Value, annotation.Time, _noAttributes);
            }
        }
    }

    private bool Belongs(ZipkinEndpoint endpoint, ZipkinEndpoint local, bool takesRest) =>
        endpoint.Service == local.Service || (takesRest && !IsOfAnotherSide(endpoint.Service));

    private bool IsOfAnotherSide(int service)
    {
        foreach (ZipkinAnnotation annotation in _annotations)
        {
            if (annotation.Kind != ZipkinCore.None && annotation.Endpoint.Service == service)
            {
                return true;
            }
        }

        return false;
    }
}
