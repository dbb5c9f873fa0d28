using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SdkConsole;

/// <summary>
/// Reads the events and links of a span. They may have the same attributes as their span, and each other: so each counts as a record of its own,
/// read with keys of its own.
/// </summary>
internal sealed unsafe class SdkDetails : ObjectParser<SdkField>
{
    private readonly FieldReader _readField;
    private readonly FieldReader _readContextField;
    private readonly ElementReader _readAttribute;
    private readonly ElementReader _readEvent;
    private readonly ElementReader _readLink;
    private SpanBatch _batch = new();
    private SpanBuilder _span;
    private TraceId _trace;
    private SpanId _id;
    private int _name;
    private long _time;

    /// <inheritdoc/>
    public SdkDetails(ReadLimits limits, SourceStatistics statistics, string service, JsonScanner json)
        : base(limits, statistics, service, json)
    {
        _span = Builder;
        _readField = ReadField;
        _readContextField = ReadContextField;
        _readAttribute = (at, depth) => SdkAttribute.Read(at, Json, Keys, Builder.Values, SdkKeys.Attributes, depth, Builder.Attributes);
        _readEvent = ReadEvent;
        _readLink = ReadLink;
    }

    /// <summary>Begins a span.</summary>
    public void BeginSpan(SpanBatch batch) => _batch = batch;

    /// <summary>Reads an array of events.</summary>
    public byte* ReadEvents(byte* at, SpanBuilder span, int depth)
    {
        _span = span;
        return ReadArray(at, depth, _readEvent);
    }

    /// <summary>Reads an array of links.</summary>
    public byte* ReadLinks(byte* at, SpanBuilder span, int depth)
    {
        _span = span;
        return ReadArray(at, depth, _readLink);
    }

    /// <inheritdoc/>
    protected override FieldKeys<SdkField> NewKeys() => new SdkKeys(Limits, Json);

    private byte* ReadEvent(byte* at, int depth)
    {
        at = ReadDetail(at, depth);
        if (at is not null)
        {
            _span.AddEvent(_name, _time, Builder.Attributes);
        }

        return at;
    }

    private byte* ReadLink(byte* at, int depth)
    {
        at = ReadDetail(at, depth);
        if (at is not null && !_trace.IsZero && !_id.IsZero)
        {
            _span.AddLink(_trace, _id, Builder.Attributes);
        }

        return at;
    }

    private byte* ReadDetail(byte* at, int depth)
    {
        Begin(_batch);
        (_trace, _id, _name, _time) = (default, default, 0, 0);
        at = ReadObject(at, Keys.Beginning, SdkKeys.Fields, depth, _readField);
        Builder.Values.ResolveTexts();
        _span.Truncate(Builder.Values.Truncated);
        return at;
    }

    private byte* ReadField(byte* at, FieldKey<SdkField> key, int depth)
    {
        switch (key.Field)
        {
            case SdkField.Name:
                return Builder.ReadText(at, depth, out _name);
            case SdkField.Time or SdkField.StartTime:
                return ReadTime(at, depth, out _time);
            case SdkField.Context:
                return ReadObject(at, key.Beginning, SdkKeys.Fields, depth, _readContextField);
            case SdkField.Attributes:
                return *at == '[' ? ReadArray(at, depth, _readAttribute) : ReadAttributes(at, key, SdkKeys.Attributes, depth);
            default:
                return Json.SkipValue(at, depth);
        }
    }

    private byte* ReadContextField(byte* at, FieldKey<SdkField> key, int depth) => key.Field switch
    {
        SdkField.TraceId => ReadTraceId(at, depth, out _trace),
        SdkField.SpanId => ReadSpanId(at, depth, out _id),
        _ => Json.SkipValue(at, depth),
    };
}
