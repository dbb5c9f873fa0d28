using System.Buffers.Text;
using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SdkConsole;

/// <summary>
/// Reads one span as an SDK prints it: Python's <c>ConsoleSpanExporter</c> (open-telemetry/opentelemetry-python, <c>ReadableSpan.to_json</c>), Go's
/// <c>stdouttrace</c> (opentelemetry-go, <c>tracetest.SpanStub</c>), and JavaScript's <c>ConsoleSpanExporter</c> once it is JSON.
/// </summary>
internal sealed unsafe class SdkSpanParser : ObjectParser<SdkField>
{
    private const int NanosPerMicro = 3;

    private readonly FieldReader _readField;
    private readonly FieldReader _readContextField;
    private readonly FieldReader _readStatusField;
    private readonly FieldReader _readResourceField;
    private readonly FieldReader _readScopeField;
    private readonly ElementReader _readAttribute;
    private readonly ElementReader _readResourceAttribute;
    private readonly SdkDetails _details;
    private TraceId _contextTrace;
    private SpanId _contextSpan;
    private int _kindNumber;
    private bool _isJavaScript;

    /// <inheritdoc/>
    public SdkSpanParser(ReadLimits limits, SourceStatistics statistics, string service, JsonScanner json)
        : base(limits, statistics, service, json)
    {
        _readField = ReadField;
        _readContextField = ReadContextField;
        _readStatusField = ReadStatusField;
        _readResourceField = ReadResourceField;
        _readScopeField = ReadScopeField;
        _readAttribute = (at, depth) => ReadPair(at, SdkKeys.Attributes, depth, Builder.Attributes);
        _readResourceAttribute = (at, depth) => ReadPair(at, SdkKeys.Resource, depth, Builder.Resource);
        _details = new SdkDetails(limits, statistics, service, json);
    }

    private SdkKeys Names => (SdkKeys)Keys;

    /// <summary>Appends the span at an object's brace, as <see cref="JsonRecordReader"/> asks for.</summary>
    public byte* Read(byte* at, SpanBatch batch, out string? fault)
    {
        Begin(batch);
        _details.BeginSpan(batch);
        _kindNumber = -1;
        _isJavaScript = false;
        at = ReadObject(at, Keys.Beginning, SdkKeys.Fields, 1, _readField);
        fault = at is null ? null : Finish();
        return at;
    }

    /// <inheritdoc/>
    protected override FieldKeys<SdkField> NewKeys() => new SdkKeys(Limits, Json);

    private byte* ReadField(byte* at, FieldKey<SdkField> key, int depth)
    {
        ref SpanRecord span = ref Builder.Span;
        switch (key.Field)
        {
            case SdkField.Name:
                return Builder.ReadText(at, depth, out span.Name);
            case SdkField.Context:
                at = ReadContext(at, key, depth);
                (span.TraceId, span.SpanId) = (_contextTrace, _contextSpan);
                return at;
            case SdkField.Parent:
                at = ReadContext(at, key, depth);
                span.ParentSpanId = _contextSpan;
                return at;
            case SdkField.ParentId:
                return ReadParentId(at, depth);
            case SdkField.TraceId:
                return ReadTraceId(at, depth, out span.TraceId);
            case SdkField.SpanId:
                return ReadSpanId(at, depth, out span.SpanId);
            case SdkField.Kind:
                return ReadKind(at, depth);
            case SdkField.StartTime:
                return ReadTime(at, depth, out span.StartUnixNano);
            case SdkField.EndTime:
                return ReadTime(at, depth, out span.EndUnixNano);
            case SdkField.Time:
                _isJavaScript = true;
                return ReadTime(at, depth, out span.StartUnixNano);
            case SdkField.Duration:
                return ReadDuration(at, depth, NanosPerMicro);
            case SdkField.Status:
                return *at == '{' ? ReadObject(at, key.Beginning, SdkKeys.Fields, depth, _readStatusField) : ReadStatusCode(at, depth);
            case SdkField.Attributes:
                return *at == '[' ? ReadArray(at, depth, _readAttribute) : ReadAttributes(at, key, SdkKeys.Attributes, depth);
            case SdkField.Events:
                return _details.ReadEvents(at, Builder, depth);
            case SdkField.Links:
                return _details.ReadLinks(at, Builder, depth);
            case SdkField.Resource:
                return *at == '[' ? ReadArray(at, depth, _readResourceAttribute) : ReadObject(at, key.Beginning, SdkKeys.Resource, depth, _readResourceField);
            case SdkField.Scope:
                return ReadObject(at, key.Beginning, SdkKeys.Fields, depth, _readScopeField);
            default:
                return Json.SkipValue(at, depth);
        }
    }

    private byte* ReadContext(byte* at, FieldKey<SdkField> key, int depth)
    {
        _contextTrace = default;
        _contextSpan = default;
        return ReadObject(at, key.Beginning, SdkKeys.Fields, depth, _readContextField);
    }

    private byte* ReadContextField(byte* at, FieldKey<SdkField> key, int depth) => key.Field switch
    {
        SdkField.TraceId => ReadTraceId(at, depth, out _contextTrace),
        SdkField.SpanId => ReadSpanId(at, depth, out _contextSpan),
        _ => Json.SkipValue(at, depth),
    };

    private byte* ReadStatusField(byte* at, FieldKey<SdkField> key, int depth) => key.Field switch
    {
        SdkField.StatusCode => ReadStatusCode(at, depth),
        SdkField.Description => Builder.ReadText(at, depth, out Builder.Span.StatusMessage),
        _ => Json.SkipValue(at, depth),
    };

    private byte* ReadResourceField(byte* at, FieldKey<SdkField> key, int depth) =>
        key.Field == SdkField.Attributes && *at == '{' ? ReadAttributes(at, key, SdkKeys.Resource, depth, Builder.Resource)
        : *at is (byte)'n' or (byte)'{' or (byte)'[' || key.Attribute == SchemaUrl ? Json.SkipValue(at, depth)
        : Builder.Values.Read(at, key.Attribute, Builder.Resource, depth);

    private AttributeKey SchemaUrl => field ??= Keys.Attribute("schema_url", AttributeScope.Resource);

    private byte* ReadScopeField(byte* at, FieldKey<SdkField> key, int depth)
    {
        if (key.Field is not (SdkField.Name or SdkField.Version))
        {
            return Json.SkipValue(at, depth);
        }

        at = Builder.ReadText(at, depth, out int text);
        Builder.Values.AddText(Builder.Resource, key.Field == SdkField.Name ? Names.ScopeName : Names.ScopeVersion, text);
        return at;
    }

    /// <summary>Reads an attribute of Go's: <c>{"Key", "Value": {"Type", "Value"}}</c>.</summary>
    private byte* ReadPair(byte* at, int place, int depth, AttributeList list) => SdkAttribute.Read(at, Json, Keys, Builder.Values, place, depth, list);

    /// <summary>A name such as <c>SpanKind.SERVER</c>, or a number, which means one thing in Go and another in JavaScript.</summary>
    private byte* ReadKind(byte* at, int depth)
    {
        at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
        if (Utf8Parser.TryParse(text, out int number, out int length) && length == text.Length)
        {
            _kindNumber = number;
        }
        else
        {
            text = text[(text.LastIndexOf((byte)'.') + 1)..];
            text = text.StartsWith("KIND_"u8) ? text[5..] : text;
            _ = SpanLogValues.TryParseKind(text, out Builder.Span.Kind);
        }

        return at;
    }

    private byte* ReadStatusCode(byte* at, int depth)
    {
        at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
        text = text[(text.LastIndexOf((byte)'.') + 1)..];
        Builder.Span.Status = Ascii.EqualsIgnoreCase(text, "ERROR"u8) || text.SequenceEqual("2"u8) ? SpanStatus.Error
            : Ascii.EqualsIgnoreCase(text, "OK"u8) || text.SequenceEqual("1"u8) ? SpanStatus.Ok
            : SpanStatus.Unset;
        return at;
    }

    private string? Finish()
    {
        ref SpanRecord span = ref Builder.Span;
        int kind = _isJavaScript ? _kindNumber + 1 : _kindNumber;
        span.Kind = _kindNumber >= 0 && kind <= (int)SpanKind.Consumer ? (SpanKind)kind : span.Kind;
        span.Service = Builder.Take(Builder.Resource, Names.ServiceName);
        return EndSpan(isOpen: true);
    }
}
