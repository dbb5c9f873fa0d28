using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.ElasticApm;

/// <summary>
/// Reads one line of Elastic APM's intake (elastic/apm-data, <c>input/elasticapm/docs/spec/v2</c>): <c>{"metadata"}</c> of what follows, or a <c>transaction</c> or
/// <c>span</c>, which are spans, or an <c>error</c>, which is an event. An object in an object is read by the same method, which knows where it is.
/// </summary>
internal sealed unsafe class ElasticEventParser : ObjectParser<ElasticField>
{
    private const int NanosPerMilli = 6;

    private readonly FieldReader _readEvent;
    private readonly FieldReader _readField;
    private readonly ElasticMetadata _metadata = new();
    private ElasticField _event;
    private ElasticField _inside;
    private SpanId _transaction;
    private long _start;
    private int _type;
    private int _subtype;
    private int _result;
    private int _message;
    private int _exceptionMessage;
    private bool _isHandled;
    private (SpanId Id, long Start) _lastTransaction;

    /// <inheritdoc/>
    public ElasticEventParser(ReadLimits limits, SourceStatistics statistics, string service, JsonScanner json)
        : base(limits, statistics, service, json)
    {
        _readEvent = ReadEvent;
        _readField = ReadField;
    }

    private ElasticKeys Names => (ElasticKeys)Keys;

    /// <summary>Appends what the line at an object's brace tells, as <see cref="JsonRecordReader"/> asks for.</summary>
    public byte* Read(byte* at, SpanBatch batch, out string? fault)
    {
        Begin(batch);
        _event = _inside = ElasticField.Other;
        _transaction = default;
        (_start, _type, _subtype, _result, _message, _exceptionMessage, _isHandled) = (0, 0, 0, 0, 0, 0, false);
        at = ReadObject(at, Keys.Beginning, ElasticKeys.Fields, 1, _readEvent);
        fault = at is null ? null : Finish();
        return at;
    }

    /// <inheritdoc/>
    protected override FieldKeys<ElasticField> NewKeys() => new ElasticKeys(Limits, Json);

    private byte* ReadEvent(byte* at, FieldKey<ElasticField> key, int depth)
    {
        if (key.Field is not (ElasticField.Metadata or ElasticField.Transaction or ElasticField.Span or ElasticField.Error))
        {
            _event = _event == ElasticField.Other ? key.Field : _event;
            return Json.SkipValue(at, depth);
        }

        _event = key.Field;
        return ReadInside(key.Field, at, key, depth);
    }

    private byte* ReadInside(ElasticField place, byte* at, FieldKey<ElasticField> key, int depth)
    {
        (ElasticField outside, _inside) = (_inside, place);
        at = ReadObject(at, key.Beginning, ElasticKeys.Fields, depth, _readField);
        _inside = outside;
        return at;
    }

    private byte* ReadField(byte* at, FieldKey<ElasticField> key, int depth) => _inside switch
    {
        ElasticField.Transaction or ElasticField.Span or ElasticField.Error => ReadEventField(at, key, depth),
        ElasticField.Metadata => ReadMetadataField(at, key, depth),
        ElasticField.Context => ReadContextField(at, key, depth),
        _ => ReadDetail(at, key, depth),
    };

    private byte* ReadEventField(byte* at, FieldKey<ElasticField> key, int depth)
    {
        ref SpanRecord span = ref Builder.Span;
        switch (key.Field)
        {
            case ElasticField.Id:
                return ReadSpanId(at, depth, out span.SpanId);
            case ElasticField.TraceId:
                return ReadTraceId(at, depth, out span.TraceId);
            case ElasticField.TransactionId:
                return ReadSpanId(at, depth, out _transaction);
            case ElasticField.ParentId:
                return ReadParentId(at, depth);
            case ElasticField.Name:
                return Builder.ReadText(at, depth, out span.Name);
            case ElasticField.Type:
                return Builder.ReadText(at, depth, out _type);
            case ElasticField.Subtype:
                return Builder.ReadText(at, depth, out _subtype);
            case ElasticField.Timestamp:
                return ReadTime(at, depth, out span.StartUnixNano);
            case ElasticField.Start:
                at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
                _ = Timestamps.TryParseDecimal(text, NanosPerMilli, out _start);
                return at;
            case ElasticField.Duration:
                return ReadDuration(at, depth, NanosPerMilli);
            case ElasticField.Outcome:
                at = Json.ReadScalar(at, depth, out text);
                span.Status = text.SequenceEqual("failure"u8) ? SpanStatus.Error : text.SequenceEqual("success"u8) ? SpanStatus.Ok : SpanStatus.Unset;
                return at;
            case ElasticField.Result:
                return Builder.ReadText(at, depth, out _result);
            case ElasticField.Culprit:
                return ReadAttribute(at, depth, Names.Culprit);
            case ElasticField.Context or ElasticField.OpenTelemetry or ElasticField.Exception or ElasticField.Log:
                return ReadInside(key.Field, at, key, depth);
            default:
                return Json.SkipValue(at, depth);
        }
    }

    private byte* ReadContextField(byte* at, FieldKey<ElasticField> key, int depth) => key.Field switch
    {
        ElasticField.Tags => ReadAttributes(at, key, ElasticKeys.Tags, depth),
        ElasticField.Database => ReadAttributes(at, key, ElasticKeys.Database, depth),
        ElasticField.Request or ElasticField.Response or ElasticField.Http or ElasticField.Destination or ElasticField.Message or ElasticField.Service or ElasticField.User =>
            ReadInside(key.Field, at, key, depth),
        _ => Json.SkipValue(at, depth),
    };

    /// <summary>Reads a field of an object further inside.</summary>
    private byte* ReadDetail(byte* at, FieldKey<ElasticField> key, int depth)
    {
        switch (_inside, key.Field)
        {
            case (ElasticField.Request or ElasticField.Http, ElasticField.Method):
                return ReadAttribute(at, depth, Names.Method);
            case (ElasticField.Request or ElasticField.Http, ElasticField.Url) when *at == '"':
            case (ElasticField.Url, ElasticField.Full):
                return ReadAttribute(at, depth, Names.Url);
            case (ElasticField.Response or ElasticField.Http, ElasticField.Code):
                return ReadAttribute(at, depth, Names.StatusCode);
            case (ElasticField.Request, ElasticField.Url) or (ElasticField.Http, ElasticField.Response) or (ElasticField.Message, ElasticField.Queue) or (ElasticField.Service, ElasticField.Target):
                return ReadInside(key.Field, at, key, depth);
            case (ElasticField.Destination, ElasticField.Service):
                return ReadInside(ElasticField.Resource, at, key, depth);
            case (ElasticField.Resource, ElasticField.Resource) or (ElasticField.Target, ElasticField.Name):
                return ReadAttribute(at, depth, Names.PeerService);
            case (ElasticField.Destination, ElasticField.Address):
                return ReadAttribute(at, depth, Names.ServerAddress);
            case (ElasticField.Queue, ElasticField.Name):
                return ReadAttribute(at, depth, Names.Queue);
            case (ElasticField.Service, ElasticField.Name):
                return Builder.ReadText(at, depth, out Builder.Span.Service);
            case (ElasticField.User, ElasticField.Id):
                return ReadAttribute(at, depth, Names.User);
            case (ElasticField.OpenTelemetry, ElasticField.SpanKind):
                at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
                _ = SpanLogValues.TryParseKind(text, out Builder.Span.Kind);
                return at;
            case (ElasticField.OpenTelemetry, ElasticField.Attributes):
                return ReadAttributes(at, key, ElasticKeys.Tags, depth);
            case (ElasticField.Exception, ElasticField.Type):
                return ReadAttribute(at, depth, Names.ExceptionType);
            case (ElasticField.Exception, ElasticField.Message):
                return Builder.ReadText(at, depth, out _exceptionMessage);
            case (ElasticField.Exception, ElasticField.Handled):
                _isHandled = *at == 't';
                return Json.SkipValue(at, depth);
            case (ElasticField.Log, ElasticField.Message):
                return Builder.ReadText(at, depth, out _message);
            case (ElasticField.Log, ElasticField.Level):
                return ReadAttribute(at, depth, Names.Level);
            case (ElasticField.Node, ElasticField.ConfiguredName):
                return ReadResource(at, depth, Names.Instance);
            default:
                return Json.SkipValue(at, depth);
        }
    }

    private byte* ReadMetadataField(byte* at, FieldKey<ElasticField> key, int depth)
    {
        switch (key.Field)
        {
            case ElasticField.Service when *at == '{':
                return ReadInside(ElasticField.Metadata, at, key, depth);
            case ElasticField.Name:
                return Builder.ReadText(at, depth, out Builder.Span.Service);
            case ElasticField.Version:
                return ReadResource(at, depth, Names.Version);
            case ElasticField.Environment:
                return ReadResource(at, depth, Names.Environment);
            case ElasticField.Node:
                return ReadInside(ElasticField.Node, at, key, depth);
            case ElasticField.System:
                return ReadAttributes(at, key, ElasticKeys.System, depth, Builder.Resource);
            case ElasticField.Labels:
                return ReadAttributes(at, key, ElasticKeys.ResourceLabels, depth, Builder.Resource);
            default:
                return Json.SkipValue(at, depth);
        }
    }

    private byte* ReadAttribute(byte* at, int depth, AttributeKey key) =>
        *at is (byte)'n' or (byte)'{' or (byte)'[' ? Json.SkipValue(at, depth) : Builder.Values.Read(at, key, Builder.Attributes, depth);

    private byte* ReadResource(byte* at, int depth, AttributeKey key) =>
        *at == '"' ? Builder.Values.Read(at, key, Builder.Resource, depth) : Json.SkipValue(at, depth);

    private string? Finish()
    {
        switch (_event)
        {
            case ElasticField.Metadata:
                Builder.Values.ResolveTexts();
                _metadata.Take(Builder);
                return null;
            case ElasticField.Transaction or ElasticField.Span:
                return FinishSpan();
            case ElasticField.Error:
                return FinishError();
            case ElasticField.Untraced:
                return "a metric set tells nothing of a trace";
            default:
                return "no event of Elastic APM: expected metadata, transaction, span or error";
        }
    }

    private string? FinishSpan()
    {
        ref SpanRecord span = ref Builder.Span;
        bool isSpan = _event == ElasticField.Span;
        span.ParentSpanId = span.ParentSpanId.IsZero && isSpan ? _transaction : span.ParentSpanId;
        if (span.StartUnixNano == 0 && isSpan && !_transaction.IsZero && _transaction == _lastTransaction.Id)
        {
            span.StartUnixNano = _lastTransaction.Start + _start;
        }

        _lastTransaction = isSpan ? _lastTransaction : (span.SpanId, span.StartUnixNano);
        span.Kind = span.Kind == SpanKind.Unspecified ? KindOf(Builder.TextOf(_type), isSpan) : span.Kind;
        if (span.Status == SpanStatus.Unset && IsFailure(Builder.TextOf(_result)))
        {
            span.Status = SpanStatus.Error;
        }

        AddType(isSpan);
        Builder.Values.AddText(Builder.Attributes, Names.Result, _result);
        _metadata.Give(Builder);
        return EndSpan();
    }

    /// <summary>The type may have parts, <c>db.postgresql.query</c>, where older agents have no subtype.</summary>
    private void AddType(bool isSpan)
    {
        ReadOnlySpan<byte> type = Builder.TextOf(_type);
        int dot = type.IndexOf((byte)'.');
        ReadOnlySpan<byte> first = dot < 0 ? type : type[..dot];
        ReadOnlySpan<byte> rest = dot < 0 ? default : type[(dot + 1)..];
        int end = rest.IndexOf((byte)'.');
        byte[] second = (end < 0 ? rest : rest[..end]).ToArray();
        int subtype = _subtype != 0 ? _subtype : second.Length > 0 ? Builder.Text(second) : 0;
        AttributeKey? system = !isSpan ? null : first.SequenceEqual("db"u8) ? Names.DatabaseSystem : first.SequenceEqual("messaging"u8) ? Names.MessagingSystem : null;
        if (system is not null)
        {
            Builder.AddIfAbsent(system, subtype);
        }

        Builder.Values.AddText(Builder.Attributes, Names.Type, _type);
    }

    private static SpanKind KindOf(ReadOnlySpan<byte> type, bool isSpan) =>
        type.StartsWith("messaging"u8) ? (isSpan ? SpanKind.Producer : SpanKind.Consumer)
        : isSpan ? (type.StartsWith("external"u8) || type.StartsWith("ext"u8) || type.StartsWith("db"u8) || type.StartsWith("storage"u8) || type.StartsWith("cache"u8)
            ? SpanKind.Client : SpanKind.Internal)
        : type.SequenceEqual("request"u8) ? SpanKind.Server : SpanKind.Internal;

    private static bool IsFailure(ReadOnlySpan<byte> result) =>
        result.StartsWith("HTTP 5"u8) || Ascii.EqualsIgnoreCase(result, "error"u8) || Ascii.EqualsIgnoreCase(result, "failure"u8);

    /// <summary>An error happened in the span or transaction that is its parent, which failed unless the error was handled.</summary>
    private string? FinishError()
    {
        ref SpanRecord span = ref Builder.Span;
        span.SpanId = span.ParentSpanId.IsZero ? _transaction : span.ParentSpanId;
        span.ParentSpanId = default;
        long time = span.StartUnixNano;
        if (span.TraceId.IsZero || time == 0)
        {
            return span.TraceId.IsZero ? "the error belongs to no trace: it has no trace_id" : $"no timestamp: {Timestamps.Expected}";
        }

        int message = _exceptionMessage != 0 ? _exceptionMessage : _message;
        bool isException = _exceptionMessage != 0 || Builder.Values.Has(Names.ExceptionType);
        if (isException)
        {
            Builder.Values.AddText(Builder.Attributes, Names.ExceptionMessage, message);
        }

        if (isException && !_isHandled && !span.SpanId.IsZero)
        {
            span.Status = SpanStatus.Error;
            span.StatusMessage = message;
        }

        Builder.Values.ResolveTexts();
        Builder.AddEvent(isException || message == 0 ? Builder.Text("exception"u8) : message, time, Builder.Attributes);
        Builder.Attributes.Clear();
        (span.StartUnixNano, span.Name, span.Kind) = (0, 0, SpanKind.Unspecified);
        _metadata.Give(Builder);
        Builder.Commit();
        return null;
    }
}
