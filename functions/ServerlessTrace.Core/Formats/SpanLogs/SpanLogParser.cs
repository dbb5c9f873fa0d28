using System.Runtime.CompilerServices;
using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;
using FieldKey = ServerlessTrace.Core.Formats.Json.FieldKey<ServerlessTrace.Core.Formats.SpanLogs.SpanLogField>;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>
/// Reads the fields of one span-log record in place, in one pass, into <see cref="Record"/> and the attribute lists. Texts
/// go into the batch's table at once, so nothing is held as a string. What is wrong with single values is noted and the
/// record read on, so that its end is known; only broken JSON stops it.
/// </summary>
internal sealed unsafe partial class SpanLogParser(ReadLimits limits, JsonScanner json)
{
    private const int QuotedInFaults = 64;

    private readonly TimeReader _times = new();
    private readonly SortedDictionary<SpanLogField, string> _faults = [];
    private StringTable _strings = null!;
    private bool _faulty;
    private FieldKey? _headersKey;
    private FieldKey? _bodyKey;
    private byte* _at;
    private byte* _behind;

    // Whether a field may name the service, and whether objects of context are read as if their fields were the record's.
    private bool _hinted;
    private bool _hasContext;
    private bool _transparent;

    /// <summary>The known fields of the record that was read last.</summary>
    public SpanLogRecord Record;

    /// <summary>The names that this source uses.</summary>
    public SpanLogKeys Keys { get; private set; } = new(limits, json);

    /// <summary>Where attributes are read.</summary>
    public AttributeReader Values { get; } = new(limits, json);

    /// <summary>What the record's <c>attributes</c> and unknown fields say: of its span, or of its event.</summary>
    public AttributeList Attributes { get; } = new();

    /// <summary>What the record says of its span even where it is an event's: correlation and request ids, baggage.</summary>
    public AttributeList Context { get; } = new();

    /// <summary>What the record says of its resource.</summary>
    public AttributeList Resource { get; } = new();

    /// <summary>The record's links.</summary>
    public List<SpanLink> Links { get; } = [];

    /// <summary>Where the value of <c>headers</c> is, if that is an object; else null.</summary>
    public byte* Headers { get; private set; }

    /// <summary>Where the value of <c>body</c> is, or null.</summary>
    public byte* Body { get; private set; }

    /// <summary>Whether the record is an envelope, whose body was kept as attributes.</summary>
    public bool IsMessage { get; private set; }

    /// <summary>The record as it is written.</summary>
    public ReadOnlySpan<byte> Raw => new(_at, (int)(_behind - _at));

    /// <summary>What is wrong with the first of some fields; null if all are fine.</summary>
    public string? FaultOf(params ReadOnlySpan<SpanLogField> fields)
    {
        foreach (SpanLogField field in fields)
        {
            if (_faulty && _faults.TryGetValue(field, out string? fault))
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>Reads a record from its opening brace; null if it is broken, as the scanner then says.</summary>
    public byte* Read(byte* at, byte* end, StringTable strings)
    {
        _strings = strings;
        json.End = end;
        if (Keys.IsFull)
        {
            Keys = new SpanLogKeys(limits, json);
        }

        long line = json.Line;
        _at = at;
        _behind = ReadOnce(at);
        if (_behind is not null)
        {
            if (Record.TraceId.IsZero || Record.IsDecimal != _decimal || (_hasContext && Record.IsNameless))
            {
                ReadAgain(line);
            }

            if (Record.Service == 0 && (_hinted || Resource.Count > 0) && ServiceSearch.Find(Raw, besideOwn: true) is { } service)
            {
                Record.Service = Values.Intern(service);
            }
        }

        return _behind;
    }

    private byte* ReadOnce(byte* at)
    {
        Values.Begin(_strings);
        Record = default;
        Attributes.Clear();
        Context.Clear();
        Resource.Clear();
        Links.Clear();
        Headers = null;
        Body = null;
        IsMessage = false;
        if (_faulty)
        {
            _faults.Clear();
            _faulty = false;
        }

        _hinted = false;
        _hasContext = false;
        return ReadFields(at, Keys.Beginning, FieldPlace.Record, 1);
    }

    /// <summary>Reads a record once more whose ids are of the other kind than those before, or in what the logger keeps of the request.</summary>
    private void ReadAgain(long line)
    {
        long behind = json.Line;
        ReadAsDecimal(line);
        bool isLost = !Record.HasTrace && TraceEvidence.In(Raw);
        if (isLost || (Record.HasTrace && _hasContext && Record.IsNameless))
        {
            SpanLogRecord outer = Record;
            _transparent = true;
            json.Line = line;
            ReadOnce(_at);
            ReadAsDecimal(line);
            _transparent = false;
            outer.Complete(in Record);
            if (outer.HasTrace)
            {
                Record = outer;
            }
            else
            {
                json.Line = line;
                ReadOnce(_at);
            }
        }

        json.Line = behind;
    }

    private void ReadAsDecimal(long line)
    {
        if (Record.IsDecimal != _decimal)
        {
            _decimal = Record.IsDecimal;
            json.Line = line;
            ReadOnce(_at);
        }
    }

    /// <summary>Reads a value of any kind as an attribute.</summary>
    public byte* ReadAttribute(byte* at, FieldKey key, AttributeList list, int depth) =>
        limits.WithoutAttributes ? json.SkipValue(at, depth) : Values.Read(at, key.Attribute, list, depth);

    /// <summary>Reads the object at a pointer as attributes.</summary>
    public byte* ReadAttributes(byte* at, FieldKey before, FieldPlace place, AttributeList list, int depth)
    {
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = Keys.ReadKey(at, ref before, (int)place);
            if (at is not null)
            {
                at = before.Field == SpanLogField.Attribute
                    ? ReadAttribute(at, before, list, depth + 1)
                    : ReadSpecialAttribute(at, before, list, depth + 1);
                at = at is null ? null : json.EndField(at, out ended);
            }
        }

        return at;
    }

    /// <summary>Reads a W3C Baggage text.</summary>
    public void ReadBaggage(ReadOnlySpan<byte> text)
    {
        foreach ((string key, string value) in BaggageText.Parse(Encoding.UTF8.GetString(text)))
        {
            byte[] name = Encoding.UTF8.GetBytes(key);
            AttributeKey attribute = Keys.Attribute(name.Length <= limits.AttributeBytes ? key : Encoding.UTF8.GetString(Values.Cut(name)), AttributeScope.Baggage);
            Values.AddText(Context, attribute, Values.Intern(Encoding.UTF8.GetBytes(value)));
        }
    }

    /// <summary>Keeps <c>headers</c> and <c>body</c> of a record that is no envelope as attributes.</summary>
    public void KeepHeadersAndBody()
    {
        if (Headers is not null)
        {
            ReadAttribute(Headers, _headersKey!, Attributes, 2);
        }

        if (Body is not null)
        {
            ReadAttribute(Body, _bodyKey!, Attributes, 2);
        }
    }

    /// <summary>Keeps an envelope's business payload: each of its fields as an attribute.</summary>
    public void KeepBodyAsAttributes()
    {
        IsMessage = true;
        if (Body is null)
        {
            return;
        }

        if (*Body == '{')
        {
            ReadAttributes(Body, _bodyKey!.Beginning, FieldPlace.Attributes, Attributes, 2);
        }
        else
        {
            ReadAttribute(Body, _bodyKey!, Attributes, 2);
        }
    }

    private byte* ReadFields(byte* at, FieldKey before, FieldPlace place, int depth)
    {
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = Keys.ReadKey(at, ref before, (int)place);
            if (at is not null)
            {
                at = ReadField(at, before, depth + 1);
                at = at is null ? null : json.EndField(at, out ended);
            }
        }

        return at;
    }

    /// <summary>Whether objects of attributes are of no use: none is asked for, and the service that one might name is known better.</summary>
    private bool CanTellNothing => limits.WithoutAttributes && Record.ServiceStrength > SpanLogFields.StrengthOfResourceService;

    private byte* ReadField(byte* at, FieldKey key, int depth)
    {
        switch (key.Field)
        {
            case SpanLogField.Attribute:
                return ReadAttribute(at, key, Attributes, depth);
            case SpanLogField.TraceId:
                return ReadTraceId(at, key, depth);
            case SpanLogField.SpanId:
                return ReadSpanId(at, key, depth, ref Record.SpanId, SpanFlags.OddSpanId);
            case SpanLogField.ParentSpanId:
                return ReadSpanId(at, key, depth, ref Record.ParentSpanId, SpanFlags.OddParentId);
            case SpanLogField.Timestamp:
                return ReadTimestamp(at, key, depth);
            case SpanLogField.StartTime:
                return ReadTime(at, key, depth, ref Record.StartTime);
            case SpanLogField.EndTime:
                return ReadTime(at, key, depth, ref Record.EndTime);
            case SpanLogField.DurationMs:
                return ReadDuration(at, key, depth, 6);
            case SpanLogField.DurationUs:
                return ReadDuration(at, key, depth, 3);
            case SpanLogField.DurationNs:
                return ReadDuration(at, key, depth, 0);
            case SpanLogField.Event:
                return ReadEvent(at, key, depth);
            case SpanLogField.Kind:
                return ReadKind(at, key, depth);
            case SpanLogField.Status or SpanLogField.StatusCode:
                return ReadStatus(at, key, depth);
            case SpanLogField.SpanName:
                return ReadText(at, key, depth, ref Record.SpanName, ref Record.SpanNameStrength);
            case SpanLogField.Service:
                return *at == '{' && key.Attribute.Scope == AttributeScope.Span
                    ? ReadFields(at, key.Beginning, FieldPlace.Service, depth)
                    : ReadText(at, key, depth, ref Record.Service, ref Record.ServiceStrength);
            case SpanLogField.Attributes or SpanLogField.Resource when CanTellNothing && !_transparent:
                return json.SkipValue(at, depth);
            case SpanLogField.Attributes:
                return *at == '{'
                    ? _transparent
                        ? ReadFields(at, Keys.Beginning, FieldPlace.Record, depth)
                        : ReadAttributes(at, key.Beginning, FieldPlace.Attributes, Attributes, depth)
                    : ReadAttribute(at, key, Attributes, depth);
            case SpanLogField.Resource:
                return *at == '{'
                    ? ReadAttributes(at, key.Beginning, FieldPlace.Resource, Resource, depth)
                    : ReadAttribute(at, key, Attributes, depth);
            default:
                return ReadRareField(at, key, depth);
        }
    }

    private byte* ReadRareField(byte* at, FieldKey key, int depth)
    {
        switch (key.Field)
        {
            case SpanLogField.Name:
                return ReadText(at, key, depth, ref Record.Name);
            case SpanLogField.EventName:
                return ReadText(at, key, depth, ref Record.EventName);
            case SpanLogField.Message:
                return ReadText(at, key, depth, ref Record.Message);
            case SpanLogField.StatusMessage:
                return ReadText(at, key, depth, ref Record.StatusMessage);
            case SpanLogField.ErrorCode:
                return ReadText(at, key, depth, ref Record.ErrorCode);
            case SpanLogField.ErrorMessage:
                return ReadText(at, key, depth, ref Record.ErrorMessage);
            case SpanLogField.StackTrace:
                return ReadText(at, key, depth, ref Record.StackTrace);
            case SpanLogField.TraceState:
                return ReadText(at, key, depth, ref Record.TraceState);
            case SpanLogField.TraceParent:
                return ReadTraceParent(at, key, depth);
            case SpanLogField.Error:
                return ReadError(at, key, depth);
            case SpanLogField.Baggage:
                return limits.WithoutAttributes ? json.SkipValue(at, depth) : ReadBaggage(at, key, depth);
            case SpanLogField.ContextAttribute:
                return *at == 'n' ? json.SkipWord(at, "null"u8) : ReadAttribute(at, key, Context, depth);
            case SpanLogField.ResourceAttribute:
                return *at == 'n' ? json.SkipWord(at, "null"u8) : ReadAttribute(at, key, Resource, depth);
            case SpanLogField.ForeignAttribute:
                Record.HasForeignField = true;
                return ReadAttribute(at, key, Attributes, depth);
            case SpanLogField.Group:
                return ReadGroup(at, key, depth);
            case SpanLogField.OtherTraceId or SpanLogField.DatadogTraceId or SpanLogField.AwsTrace or SpanLogField.CloudTraceContext:
                return ReadOtherTraceId(at, key, depth);
            case SpanLogField.OtherSpanId or SpanLogField.DatadogSpanId:
                return ReadOtherSpanId(at, key, depth);
            case SpanLogField.OtherTimestamp:
                return ReadOtherTimestamp(at, key, depth);
            case SpanLogField.Context when _transparent && *at is (byte)'{' or (byte)'[':
                return ReadContext(at, key, depth);
            case SpanLogField.Context or SpanLogField.ServiceHint:
                _hinted = true;
                Record.HasForeignField |= key.Written.SequenceEqual("SpanContext"u8);
                _hasContext |= key.Field == SpanLogField.Context && *at == '{';
                return ReadAttribute(at, key, Attributes, depth);
            case SpanLogField.SpanStart:
                Record.IsSerilog = true;
                Record.EndsAtTimestamp = true;
                return ReadTime(at, key, depth, ref Record.StartTime);
            case SpanLogField.MessageTemplate:
                Record.IsSerilog = true;
                return ReadText(at, key, depth, ref Record.MessageTemplate);
            case SpanLogField.Level:
                Record.IsSerilog = true;
                Record.IsSevere = *at == '"' && at[1] is ((byte)'E' or (byte)'F' or (byte)'e' or (byte)'f');
                return ReadAttribute(at, key, Attributes, depth);
            case SpanLogField.Payload:
                Record.IsEntry = true;
                return ReadAttribute(at, key, Attributes, depth);
            case SpanLogField.Links when *at == '[':
                return ReadLinks(at, key, depth);
            case SpanLogField.Headers when *at == '{':
                Headers = at;
                _headersKey = key;
                return json.SkipValue(at, depth);
            case SpanLogField.Body:
                Body = at;
                _bodyKey = key;
                return json.SkipValue(at, depth);
            default:
                return ReadAttribute(at, key, Attributes, depth);
        }
    }

    private byte* ReadSpecialAttribute(byte* at, FieldKey key, AttributeList list, int depth)
    {
        switch (key.Field)
        {
            case SpanLogField.Service:
                return ReadText(at, key, depth, ref Record.Service, ref Record.ServiceStrength);
            case SpanLogField.ResourceAttribute:
                return ReadAttribute(at, key, Resource, depth);
            case SpanLogField.Attributes when *at == '{':
                return ReadAttributes(at, key.Beginning, FieldPlace.Resource, Resource, depth);
            case SpanLogField.Group when *at == '{':
                return ReadAttributes(at, key.Beginning, FieldPlace.ResourceService, Resource, depth);
            case SpanLogField.Group when *at == '"':
                return ReadText(at, key, depth, ref Record.Service, ref Record.ServiceStrength);
            default:
                return ReadAttribute(at, key, list, depth);
        }
    }

    private byte* ReadGroup(byte* at, FieldKey key, int depth)
    {
        if (key.Written.IsEmpty)
        {
            // A field without a name in such an object.
            return ReadAttribute(at, key, Attributes, depth);
        }

        FieldPlace place = (key.Written[0] | 0x20, key.Written[^1] | 0x20) switch
        {
            ('t', 'e') => FieldPlace.Trace,
            ('t', _) => FieldPlace.Transaction,
            ('s', _) => FieldPlace.Span,
            ('d', _) => FieldPlace.Dd,
            _ => FieldPlace.Parent,
        };
        return *at == '{' ? ReadFields(at, key.Beginning, place, depth)
            : *at == '"' && place == FieldPlace.Trace ? ReadOtherTraceId(at, key, depth)
            : *at == '"' && place == FieldPlace.Span ? ReadOtherSpanId(at, key, depth)
            : ReadAttribute(at, key, Attributes, depth);
    }

    /// <summary>Reads the fields of an object, or of each object in an array, as if they were the record's own.</summary>
    private byte* ReadContext(byte* at, FieldKey key, int depth)
    {
        if (*at == '{')
        {
            return ReadFields(at, key.Beginning, FieldPlace.Record, depth);
        }

        at = json.BeginArray(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = *at == '{' ? ReadFields(at, key.Beginning, FieldPlace.Record, depth + 1) : json.SkipValue(at, depth + 1);
            at = at is null ? null : json.EndElement(at, out ended);
        }

        return at;
    }

    /// <summary>Reads an array of links; one that is none stays an attribute.</summary>
    private byte* ReadLinks(byte* at, FieldKey key, int depth)
    {
        long line = json.Line;
        byte* end = json.SkipValue(at, depth);
        if (end is null || SpanLogLinks.TryRead(new ReadOnlySpan<byte>(at, (int)(end - at)), Links, limits.AttributesPerSpan))
        {
            return end;
        }

        json.Line = line;
        return ReadAttribute(at, key, Attributes, depth);
    }

    /// <summary>Passes a number that is known, or reads the value as an attribute.</summary>
    private byte* ReadAttributeUnless(byte* at, FieldKey key, int depth, bool isKnown, out bool known)
    {
        known = isKnown;
        if (isKnown)
        {
            return at + 1;
        }

        return *at == 'n' ? json.SkipWord(at, "null"u8) : ReadAttribute(at, key, Attributes, depth);
    }

    private byte* ReadText(byte* at, FieldKey key, int depth, ref int text, ref int strength)
    {
        if (strength > key.Strength)
        {
            return key.Field is SpanLogField.Service or SpanLogField.Group ? json.SkipValue(at, depth) : ReadAttribute(at, key, Attributes, depth);
        }

        at = ReadText(at, key, depth, ref text);
        strength = text != 0 ? key.Strength : 0;
        return at;
    }

    /// <summary>Reads a text; null is none, a number or boolean is its JSON, and anything else becomes an attribute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* ReadText(byte* at, FieldKey key, int depth, ref int text)
    {
        if (*at != '"')
        {
            return ReadOddText(at, key, depth, ref text);
        }

        at = json.ReadString(at + 1, out byte* first, out int length);
        if (at is not null)
        {
            text = Values.Intern(new ReadOnlySpan<byte>(first, length));
        }

        return at;
    }

    private byte* ReadOddText(byte* at, FieldKey key, int depth, ref int text)
    {
        text = 0;
        if (*at is (byte)'{' or (byte)'[')
        {
            if (_transparent && *at == '{' && key.Field == SpanLogField.Message)
            {
                return ReadFields(at, key.Beginning, FieldPlace.Record, depth);
            }

            return ReadAttribute(at, key, key.Attribute.Scope == AttributeScope.Resource ? Resource : Attributes, depth);
        }

        byte* start = at;
        at = json.SkipValue(at, depth);
        if (at is not null && *start != 'n')
        {
            text = Values.Intern(new ReadOnlySpan<byte>(start, (int)(at - start)));
        }

        return at;
    }

    /// <summary>Reads the text of a string, or of a number where those are fine; empty for null and after a fault.</summary>
    private byte* ReadPlainText(byte* at, FieldKey key, int depth, string expected, out ReadOnlySpan<byte> text, bool numbers = false)
    {
        SetFault(key.Field, null);
        text = default;
        byte* start = at;
        if (*at == '"')
        {
            at = json.ReadString(at + 1, out byte* first, out int length);
            text = at is null ? default : new ReadOnlySpan<byte>(first, length).Trim(" \t"u8);
            return at;
        }

        at = json.SkipValue(at, depth);
        if (at is null || *start == 'n')
        {
            return at;
        }

        text = new ReadOnlySpan<byte>(start, (int)(at - start));
        if (!numbers || *start is not ((byte)'-' or (>= (byte)'0' and <= (byte)'9')))
        {
            SetFault(key.Field, $"{Name(key)} {Quote(text)} is of the wrong type: expected {expected}");
            text = default;
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetFault(SpanLogField field, string? fault)
    {
        if (fault is not null)
        {
            _faults[field] = fault;
            _faulty = true;
        }
        else if (_faulty)
        {
            _faults.Remove(field);
            _faulty = _faults.Count > 0;
        }
    }

    private static string Name(FieldKey key) => Encoding.UTF8.GetString(key.Written);

    private static string Quote(ReadOnlySpan<byte> text)
    {
        string quoted = Encoding.UTF8.GetString(text[..Math.Min(text.Length, QuotedInFaults)]);
        return text.Length > QuotedInFaults ? quoted + "…" : quoted;
    }
}
