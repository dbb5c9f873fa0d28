using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.XRay;

/// <summary>
/// Reads X-Ray's segment documents (docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html). A segment is the span of a service that
/// serves a request; subsegments, nested in it or on their own, are calls, and the service's own work.
/// </summary>
internal sealed unsafe class XRaySegmentParser : ObjectParser<XRayField>
{
    private readonly FieldReader _readField;
    private readonly FieldReader _readHttpField;
    private readonly FieldReader _readServiceField;
    private readonly XRayCause _cause;
    private SpanBatch _batch = new();
    private byte* _subsegments;
    private bool _isRemote;
    private bool _isServed;
    private bool _isSubsegment;

    /// <inheritdoc/>
    public XRaySegmentParser(ReadLimits limits, SourceStatistics statistics, string service, JsonScanner json)
        : base(limits, statistics, service, json)
    {
        _readField = ReadField;
        _readHttpField = ReadHttpField;
        _readServiceField = ReadServiceField;
        _cause = new XRayCause(limits, statistics, service, json);
    }

    private XRayKeys Names => (XRayKeys)Keys;

    /// <summary>Appends the spans of the segment at an object's brace, as <see cref="JsonRecordReader"/> asks for.</summary>
    public byte* Read(byte* at, SpanBatch batch, out string? fault)
    {
        _batch = batch;
        return ReadSegment(at, default, default, 0, 1, out fault);
    }

    /// <inheritdoc/>
    protected override FieldKeys<XRayField> NewKeys() => new XRayKeys(Limits, Json);

    /// <summary>Reads a segment, then, now that it is known whose they are, its subsegments.</summary>
    private byte* ReadSegment(byte* at, TraceId trace, SpanId parent, int service, int depth, out string? fault)
    {
        Begin(_batch);
        _cause.BeginSpan(_batch);
        _subsegments = null;
        _isRemote = _isServed = _isSubsegment = false;
        ref SpanRecord span = ref Builder.Span;
        (span.TraceId, span.ParentSpanId) = (trace, parent);
        long line = Json.Line;
        at = ReadObject(at, Keys.Beginning, XRayKeys.Fields, depth, _readField);
        fault = at is null ? null : Finish(service, isNested: !trace.IsZero);
        if (at is null || fault is not null || _subsegments is null)
        {
            return at;
        }

        // The lines up to the end are counted; what is gone through once more is known to be JSON.
        long lines = Json.Line;
        Json.Line = line;
        ReadSubsegments(_subsegments, span.TraceId, span.SpanId, span.Service, depth + 1);
        Json.Line = lines;
        return at;
    }

    private void ReadSubsegments(byte* at, TraceId trace, SpanId parent, int service, int depth)
    {
        at = Json.BeginArray(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            SpanBatchMark mark = _batch.Mark();
            if (*at == '{')
            {
                at = ReadSegment(at, trace, parent, service, depth + 1, out string? fault);
                if (fault is not null)
                {
                    _batch.Rewind(mark);
                }
            }
            else
            {
                at = Json.SkipValue(at, depth + 1);
            }

            at = at is null ? null : Json.EndElement(at, out ended);
        }
    }

    private byte* ReadField(byte* at, FieldKey<XRayField> key, int depth)
    {
        ref SpanRecord span = ref Builder.Span;
        switch (key.Field)
        {
            case XRayField.TraceId:
                at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
                span.TraceId = TraceOf(text);
                return at;
            case XRayField.Id:
                return ReadSpanId(at, depth, out span.SpanId);
            case XRayField.ParentId:
                return ReadParentId(at, depth);
            case XRayField.Name:
                return Builder.ReadText(at, depth, out span.Name);
            case XRayField.StartTime:
                return ReadTime(at, depth, out span.StartUnixNano);
            case XRayField.EndTime:
                return ReadTime(at, depth, out span.EndUnixNano);
            case XRayField.Type:
                at = Json.ReadScalar(at, depth, out text);
                _isSubsegment = text.SequenceEqual("subsegment"u8);
                return at;
            case XRayField.Namespace:
                at = Json.ReadScalar(at, depth, out text);
                _isRemote = text.SequenceEqual("remote"u8) || text.SequenceEqual("aws"u8);
                return at;
            case XRayField.Http:
                return ReadObject(at, key.Beginning, XRayKeys.Fields, depth, _readHttpField);
            case XRayField.Aws:
                return ReadAttributes(at, key, XRayKeys.Aws, depth);
            case XRayField.Sql:
                return ReadAttributes(at, key, XRayKeys.Sql, depth);
            case XRayField.Annotations:
                return ReadAttributes(at, key, XRayKeys.Annotations, depth);
            case XRayField.Metadata:
                return ReadAttributes(at, key, XRayKeys.Metadata, depth);
            case XRayField.Error or XRayField.Fault or XRayField.Throttle:
                span.Status = *at == 't' ? SpanStatus.Error : span.Status;
                if (key.Field == XRayField.Throttle && *at == 't')
                {
                    Builder.Values.Add(Builder.Attributes, Names.Throttled, AttributeKind.Bool, 1);
                }

                return Json.SkipValue(at, depth);
            case XRayField.Cause:
                return _cause.Read(at, Builder, depth);
            case XRayField.Service:
                return ReadObject(at, key.Beginning, XRayKeys.Fields, depth, _readServiceField);
            case XRayField.Origin:
                at = Builder.ReadText(at, depth, out int origin);
                Builder.Values.AddText(Builder.Resource, Names.Origin, origin);
                return at;
            case XRayField.User:
                at = Builder.ReadText(at, depth, out int user);
                Builder.Values.AddText(Builder.Attributes, Names.User, user);
                return at;
            case XRayField.Subsegments:
                _subsegments = *at == '[' ? at : _subsegments;
                return Json.SkipValue(at, depth);
            default:
                return Json.SkipValue(at, depth);
        }
    }

    private byte* ReadHttpField(byte* at, FieldKey<XRayField> key, int depth)
    {
        _isServed |= key.Field == XRayField.Request && *at == '{';
        return key.Field switch
        {
            XRayField.Request => ReadAttributes(at, key, XRayKeys.Request, depth),
            XRayField.Response => ReadAttributes(at, key, XRayKeys.Response, depth),
            _ => Json.SkipValue(at, depth),
        };
    }

    private byte* ReadServiceField(byte* at, FieldKey<XRayField> key, int depth)
    {
        if (key.Field != XRayField.Version)
        {
            return Json.SkipValue(at, depth);
        }

        at = Builder.ReadText(at, depth, out int version);
        Builder.Values.AddText(Builder.Resource, Names.Version, version);
        return at;
    }

    private string? Finish(int service, bool isNested)
    {
        ref SpanRecord span = ref Builder.Span;
        _cause.AddTo(Builder, span.StartUnixNano);
        span.StatusMessage = span.Status == SpanStatus.Error ? _cause.Message : 0;

        // A subsegment on its own does not say which service it is of.
        isNested |= _isSubsegment;
        span.Service = isNested ? service : span.Name;
        span.Kind = _isRemote ? SpanKind.Client : isNested || !_isServed ? SpanKind.Internal : SpanKind.Server;
        if (_isRemote)
        {
            Builder.AddIfAbsent(Names.PeerService, span.Name);
        }

        return EndSpan(isOpen: true);
    }

    /// <summary>Reads <c>1-58406520-a006649127e371903a2de979</c>: a version, the time in 8 hex digits and 24 more; or 32 hex digits, as W3C writes them.</summary>
    internal static TraceId TraceOf(ReadOnlySpan<byte> text)
    {
        Span<byte> digits = stackalloc byte[TraceId.HexLength];
        if (text.Length == 35 && text[0] == '1' && text[1] == '-' && text[10] == '-')
        {
            text[2..10].CopyTo(digits);
            text[11..].CopyTo(digits[8..]);
            return TraceId.TryParse(digits, out TraceId id) ? id : default;
        }

        return text.Length == TraceId.HexLength && TraceId.TryParse(text, out TraceId plain) ? plain : default;
    }
}
