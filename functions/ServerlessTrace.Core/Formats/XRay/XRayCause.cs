using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.XRay;

/// <summary>Reads why a segment failed, a list of exceptions, into events; a reference to another segment's exception tells nothing more.</summary>
internal sealed unsafe class XRayCause : ObjectParser<XRayField>
{
    private const int MostFrames = 200;

    private readonly FieldReader _readField;
    private readonly FieldReader _readExceptionField;
    private readonly FieldReader _readFrameField;
    private readonly ElementReader _readException;
    private readonly ElementReader _readFrame;
    private readonly List<(int Type, int Message, int Stack)> _exceptions = [];
    private readonly StringBuilder _stack = new();
    private SpanBatch _batch = new();
    private (string Path, string Line, string Label) _frame;
    private int _frames;
    private int _type;
    private int _message;

    /// <inheritdoc/>
    public XRayCause(ReadLimits limits, SourceStatistics statistics, string service, JsonScanner json)
        : base(limits, statistics, service, json)
    {
        _readField = ReadField;
        _readExceptionField = ReadExceptionField;
        _readFrameField = ReadFrameField;
        _readException = ReadException;
        _readFrame = ReadFrame;
    }

    /// <summary>The first exception's message; 0 if there is none.</summary>
    public int Message => _exceptions.Count > 0 ? _exceptions[0].Message : 0;

    /// <summary>Begins a segment.</summary>
    public void BeginSpan(SpanBatch batch)
    {
        _batch = batch;
        _exceptions.Clear();
    }

    /// <summary>Reads the value of <c>cause</c>.</summary>
    public byte* Read(byte* at, SpanBuilder span, int depth)
    {
        Begin(_batch);
        at = ReadObject(at, Keys.Beginning, XRayKeys.Fields, depth, _readField);
        span.Truncate(Builder.Values.Truncated);
        return at;
    }

    /// <summary>Adds an event for each exception.</summary>
    public void AddTo(SpanBuilder span, long time)
    {
        var names = (XRayKeys)Keys;
        foreach ((int type, int message, int stack) in _exceptions)
        {
            Begin(_batch);
            Builder.Values.AddText(Builder.Attributes, names.ExceptionType, type);
            Builder.Values.AddText(Builder.Attributes, names.ExceptionMessage, message);
            Builder.Values.AddText(Builder.Attributes, names.ExceptionStackTrace, stack);
            span.AddEvent(Builder.Text("exception"u8), time, Builder.Attributes);
        }
    }

    /// <inheritdoc/>
    protected override FieldKeys<XRayField> NewKeys() => new XRayKeys(Limits, Json);

    private byte* ReadField(byte* at, FieldKey<XRayField> key, int depth) =>
        key.Field == XRayField.Exceptions ? ReadArray(at, depth, _readException) : Json.SkipValue(at, depth);

    private byte* ReadException(byte* at, int depth)
    {
        (_type, _message, _frames) = (0, 0, 0);
        _stack.Clear();
        at = ReadObject(at, Keys.Beginning, XRayKeys.Fields, depth, _readExceptionField);
        if (at is not null && _exceptions.Count < Limits.AttributesPerSpan)
        {
            _exceptions.Add((_type, _message, _stack.Length == 0 ? 0 : Builder.Text(Encoding.UTF8.GetBytes(_stack.ToString()))));
        }

        return at;
    }

    private byte* ReadExceptionField(byte* at, FieldKey<XRayField> key, int depth) => key.Field switch
    {
        XRayField.Type => Builder.ReadText(at, depth, out _type),
        XRayField.Message => Builder.ReadText(at, depth, out _message),
        XRayField.Stack => ReadArray(at, depth, _readFrame),
        _ => Json.SkipValue(at, depth),
    };

    private byte* ReadFrame(byte* at, int depth)
    {
        _frame = (string.Empty, string.Empty, string.Empty);
        at = ReadObject(at, Keys.Beginning, XRayKeys.Fields, depth, _readFrameField);
        if (at is not null && _frames++ < MostFrames)
        {
            _stack.Append(CultureInfo.InvariantCulture, $"{(_stack.Length > 0 ? "\n" : "")}{_frame.Label} ({_frame.Path}:{_frame.Line})");
        }

        return at;
    }

    private byte* ReadFrameField(byte* at, FieldKey<XRayField> key, int depth)
    {
        at = Json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
        string value = Encoding.UTF8.GetString(JsonText.Cut(text, Limits.AttributeBytes));
        _frame = key.Field switch
        {
            XRayField.Path => _frame with { Path = value },
            XRayField.Line => _frame with { Line = value },
            XRayField.Label => _frame with { Label = value },
            _ => _frame,
        };
        return at;
    }
}
