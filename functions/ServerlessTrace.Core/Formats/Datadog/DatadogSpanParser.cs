using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Datadog;

/// <summary>Reads one span as Datadog's tracers send it to the agent (DataDog/datadog-agent, <c>pkg/proto/datadog/trace/span.proto</c>, in JSON).</summary>
internal sealed unsafe class DatadogSpanParser : ObjectParser<DatadogField>
{
    private const int MostTraces = 1024;

    private readonly FieldReader _readField;
    private readonly FieldReader _readTag;
    private readonly Dictionary<ulong, ulong> _highIds = [];
    private ulong _highId;
    private int _operation;
    private int _resource;
    private int _type;
    private int _errorType;
    private int _errorStack;
    private bool _hasKind;

    /// <inheritdoc/>
    public DatadogSpanParser(ReadLimits limits, SourceStatistics statistics, string service, JsonScanner json)
        : base(limits, statistics, service, json)
    {
        _readField = ReadField;
        _readTag = ReadTag;
    }

    private DatadogKeys Names => (DatadogKeys)Keys;

    /// <summary>Appends the span at an object's brace, as <see cref="JsonRecordReader"/> asks for.</summary>
    public byte* Read(byte* at, SpanBatch batch, out string? fault)
    {
        Begin(batch);
        (_highId, _operation, _resource, _type, _errorType, _errorStack, _hasKind) = (0, 0, 0, 0, 0, 0, false);
        at = ReadObject(at, Keys.Beginning, DatadogKeys.Fields, 1, _readField);
        fault = at is null ? null : Finish();
        return at;
    }

    /// <inheritdoc/>
    protected override FieldKeys<DatadogField> NewKeys() => new DatadogKeys(Limits, Json);

    private byte* ReadField(byte* at, FieldKey<DatadogField> key, int depth)
    {
        ref SpanRecord span = ref Builder.Span;
        bool isText = *at == '"';
        ReadOnlySpan<byte> text;
        ulong id;
        switch (key.Field)
        {
            case DatadogField.TraceId:
                at = Json.ReadScalar(at, depth, out text);
                _ = DatadogId.TryParse(text, isText, out span.TraceId);
                return at;
            case DatadogField.SpanId:
                at = Json.ReadScalar(at, depth, out text);
                span.SpanId = DatadogId.TryParse(text, isText, out id) ? new SpanId(id) : default;
                return at;
            case DatadogField.ParentId:
                bool isNone = *at == 'n';
                at = Json.ReadScalar(at, depth, out text);
                bool isParent = DatadogId.TryParse(text, isText, out id);
                span.ParentSpanId = new SpanId(id);
                span.Flags |= isParent || isNone || text.IsEmpty ? SpanFlags.None : SpanFlags.OddParentId;
                return at;
            case DatadogField.Name:
                return Builder.ReadText(at, depth, out _operation);
            case DatadogField.Resource:
                return Builder.ReadText(at, depth, out _resource);
            case DatadogField.Service:
                return Builder.ReadText(at, depth, out span.Service);
            case DatadogField.Type:
                return Builder.ReadText(at, depth, out _type);
            case DatadogField.Start:
                return ReadTime(at, depth, out span.StartUnixNano);
            case DatadogField.Duration:
                return ReadDuration(at, depth, 0);
            case DatadogField.Error:
                at = Json.ReadScalar(at, depth, out text);
                span.Status = text.IsEmpty || text.SequenceEqual("0"u8) ? span.Status : SpanStatus.Error;
                return at;
            case DatadogField.Meta or DatadogField.Metrics:
                return ReadObject(at, key.Beginning, DatadogKeys.Tags, depth, _readTag);
            default:
                return Json.SkipValue(at, depth);
        }
    }

    private byte* ReadTag(byte* at, FieldKey<DatadogField> key, int depth)
    {
        switch (key.Field)
        {
            case DatadogField.HighTraceId:
                at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
                _ = HexText.TryParse(text, out _highId);
                return at;
            case DatadogField.Environment or DatadogField.Version:
                at = Builder.ReadText(at, depth, out int value);
                Builder.Values.AddText(Builder.Resource, key.Field == DatadogField.Environment ? Names.Environment : Names.Version, value);
                return at;
            case DatadogField.SpanKind:
                at = Json.ReadScalar(at, depth, out text);
                _hasKind = SpanLogValues.TryParseKind(text, out Builder.Span.Kind);
                return at;
            case DatadogField.ErrorMessage:
                return Builder.ReadText(at, depth, out Builder.Span.StatusMessage);
            case DatadogField.ErrorType:
                return Builder.ReadText(at, depth, out _errorType);
            case DatadogField.ErrorStack:
                return Builder.ReadText(at, depth, out _errorStack);
            default:
                return *at == 'n' ? Json.SkipWord(at, "null"u8) : Builder.Values.Read(at, key.Attribute, Builder.Attributes, depth);
        }
    }

    private string? Finish()
    {
        ref SpanRecord span = ref Builder.Span;
        span.TraceId = WithFirstHalf(span.TraceId);
        span.Name = _resource != 0 ? _resource : _operation;
        span.Kind = _hasKind ? span.Kind : KindOf(Builder.TextOf(_type));
        span.StatusMessage = span.Status == SpanStatus.Error ? span.StatusMessage : 0;
        if (_operation != span.Name)
        {
            Builder.Values.AddText(Builder.Attributes, Names.Operation, _operation);
        }

        Builder.Values.AddText(Builder.Attributes, Names.Type, _type);
        Builder.Values.AddText(Builder.Attributes, Names.ExceptionType, _errorType);
        Builder.Values.AddText(Builder.Attributes, Names.ExceptionStackTrace, _errorStack);
        return EndSpan(isOpen: true);
    }

    /// <summary>Only the first span of a trace in a message has the first half of the trace's id.</summary>
    private TraceId WithFirstHalf(TraceId id)
    {
        if (id.High != 0 || id.Low == 0)
        {
            return id;
        }

        if (_highId != 0 && (_highIds.Count < MostTraces || _highIds.ContainsKey(id.Low)))
        {
            _highIds[id.Low] = _highId;
        }

        return new TraceId(_highId != 0 ? _highId : _highIds.GetValueOrDefault(id.Low), id.Low);
    }

    /// <summary>What spans without a kind are, by their type.</summary>
    private static SpanKind KindOf(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("web"u8) || type.SequenceEqual("serverless"u8) ? SpanKind.Server
        : type.SequenceEqual("http"u8) || type.SequenceEqual("sql"u8) || type.SequenceEqual("redis"u8) || type.SequenceEqual("memcached"u8) || type.SequenceEqual("mongodb"u8)
            || type.SequenceEqual("elasticsearch"u8) || type.SequenceEqual("cassandra"u8) || type.SequenceEqual("cache"u8) ? SpanKind.Client
        : SpanKind.Internal;
}
