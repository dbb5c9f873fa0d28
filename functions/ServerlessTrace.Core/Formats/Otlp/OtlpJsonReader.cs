using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Formats.Detection;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Reads OTLP in JSON, record by record, however long the documents around the records are. Documents are requests as they
/// are posted (<c>resourceSpans</c>, <c>resourceLogs</c>): one a line, as the Collector's <c>file</c> exporter writes them and
/// its <c>azureblob</c> exporter appends them, one after another without anything between, in an array, or a single one. Tempo, Grafana and
/// Jaeger wrap them in another object (<c>trace</c>, <c>result</c>) or name them <c>batches</c>; Java's logging exporters write the bare
/// <c>ResourceSpans</c>.
/// </summary>
internal sealed unsafe class OtlpJsonReader : FormatReader
{
    private readonly ReadLimits _limits;
    private readonly SourceStatistics _statistics;
    private readonly JsonScanner _json;
    private readonly OtlpRecordWriter _writer;
    private readonly OtlpJsonRecords _records;
    private readonly OversizedRecord _passed = new();

    private byte* _start;
    private byte* _end;
    private long _offset;
    private bool _isLast;
    private bool _starved;
    private Recovery _recovery;
    private Level _level;
    private OtlpSignal _signal;
    private int _arrays;
    private int _group;
    private int _scopeGroup;
    private int _record;

    // Objects around the document, and whether it is a group itself.
    private int _wrappers;
    private bool _isBareGroup;

    // Between two values there is a comma, and nothing else.
    private bool _valueEnded;
    private bool _commaPassed;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of resources that name none.</param>
    public OtlpJsonReader(ReadLimits limits, SourceStatistics statistics, string service)
    {
        _limits = limits;
        _statistics = statistics;
        _json = new JsonScanner(Math.Clamp(limits.JsonDepth, 1, 512));
        _writer = new OtlpRecordWriter(limits, statistics, service);
        _records = new OtlpJsonRecords(limits, _json, _writer);
    }

    /// <summary>How deep reading has come: every second level is an array.</summary>
    private enum Level
    {
        Documents,
        Document,
        Groups,
        Group,
        ScopeGroups,
        ScopeGroup,
        Records,
    }

    /// <summary>What to do before anything can be read again.</summary>
    private enum Recovery
    {
        None,

        /// <summary>Pass a value that is not read, by its braces and brackets.</summary>
        Value,

        /// <summary>Pass lines up to one that begins a document.</summary>
        Document,
    }

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.OtlpJson;

    /// <inheritdoc/>
    public override bool CanBeContinued => _level == Level.Documents && _recovery == Recovery.None;

    /// <inheritdoc/>
    public override long Line
    {
        get => _json.Line;
        set => _json.Line = value;
    }

    /// <inheritdoc/>
    public override int OpenArrays
    {
        get => _arrays;
        set => _arrays = value;
    }

    /// <summary>Where and why the content turned out not to be what it should be, beyond single records; null if it did not.</summary>
    public string? Broken { get; private set; }

    /// <summary>How many documents began.</summary>
    public long Documents { get; private set; }

    /// <inheritdoc/>
    public override bool Read(SourceContent content, SpanBatch batch, out int consumed)
    {
        fixed (byte* start = content.Bytes)
        {
            _start = start;
            _end = start + content.Bytes.Length;
            BeginRead();
            _offset = content.Offset;
            _isLast = content.IsLast;
            _writer.Begin(batch);
            byte* at = Read(start, batch, out bool full);
            if (_isLast && at == _end && !full && (_level != Level.Documents || _arrays > 0) && _recovery != Recovery.Document)
            {
                Break(at, "the source is cut off inside a document");
            }

            consumed = (int)(at - start);
            return full;
        }
    }

    private byte* Read(byte* at, SpanBatch batch, out bool full)
    {
        _starved = false;
        while (true)
        {
            full = IsFull(batch);
            if (full || at == _end)
            {
                return at;
            }

            at = _recovery != Recovery.None ? Recover(at) : ReadNext(at);
            if (_starved)
            {
                return at;
            }
        }
    }

    private byte* ReadNext(byte* at)
    {
        at = PassBlanks(at);
        return _starved || at == _end ? at
            : _level == Level.Documents ? ReadBetweenDocuments(at)
            : ReadToken(at);
    }

    /// <summary>A batch waits a little for a resource that stands behind its records, so that they get its attributes.</summary>
    private bool IsFull(SpanBatch batch)
    {
        int patience = _writer.AwaitsResource && _level >= Level.Group ? 4 : 1;
        return batch.Count / patience >= _limits.SpansPerBatch || batch.ApproximateSize / patience >= _limits.BytesPerBatch;
    }

    private byte* Starve(byte* at)
    {
        _starved = true;
        return at;
    }

    private byte* PassBlanks(byte* at)
    {
        while (true)
        {
            switch (*at)
            {
                case (byte)' ' or (byte)'\t':
                    at++;
                    break;
                case (byte)'\n' or (byte)'\r':
                    at = PassLineBreak(at);
                    if (_starved)
                    {
                        return at;
                    }

                    break;
                case 0xEF when at[1] == 0xBB && at[2] == 0xBF && _end - at >= 3:
                    at += 3;
                    break;
                default:
                    return at;
            }
        }
    }

    /// <summary>Passes a line break and counts it; stays where it may be the first half of one.</summary>
    private byte* PassLineBreak(byte* at)
    {
        if (*at == '\r')
        {
            if (at + 1 == _end && !_isLast)
            {
                return Starve(at);
            }

            at += at[1] == '\n' ? 1 : 0;
        }

        _json.Line++;
        return at + 1;
    }

    private byte* ReadBetweenDocuments(byte* at)
    {
        switch (*at)
        {
            case (byte)',':
                return at + 1;
            case (byte)'[':
                _arrays++;
                return at + 1;
            case (byte)']' when _arrays > 0:
                _arrays--;
                return at + 1;
            case (byte)'{':
                if (!_isLast && _end - at <= _limits.RecordBytes && EndOfLine(at) == _end)
                {
                    // Reading then stops between lines, where it can go on another time.
                    return Starve(at);
                }

                bool isRequest = JsonScanner.Stands(at, "{\"resourceSpans\""u8) || JsonScanner.Stands(at, "{\"resourceLogs\""u8);
                return isRequest || !LeavesForeignRecords ? BeginDocument(at) : BeginDoubtfulDocument(at);
            default:
                return NeedsMore(at) || Leaves(new ReadOnlySpan<byte>(at, (int)(_end - at)), _offset + (at - _start))
                    ? Starve(at)
                    : Break(at, $"a document is an object in braces, not {Describe(at)}");
        }
    }

    private byte* BeginDocument(byte* at)
    {
        Documents++;
        Enter(Level.Document);
        return at + 1;
    }

    /// <summary>Begins a document, unless the object is one of another kind.</summary>
    private byte* BeginDoubtfulDocument(byte* at)
    {
        ObjectShape shape = ObjectShape.Of(new ReadOnlySpan<byte>(at, (int)(_end - at)));
        if (shape.IsCut && !_isLast && _end - at <= _limits.RecordBytes)
        {
            return Starve(at);
        }

        if (shape.IsCut || shape.Format is SourceFormat.OtlpJson or SourceFormat.Unknown)
        {
            return BeginDocument(at);
        }

        if (Leaves(new ReadOnlySpan<byte>(at, (int)(_end - at)), _offset + (at - _start)))
        {
            return Starve(at);
        }

        long line = _json.Line;
        byte* behind = _json.SkipValue(at, 1);
        if (behind is null || *_json.SkipBlanks(at + 1) == '}')
        {
            _json.Line = line;
            return BeginDocument(at);
        }

        Reject(line, at, behind, "the object has none of resourceSpans, resourceLogs, scopeSpans and batches");
        return behind;
    }

    private byte* ReadToken(byte* at)
    {
        bool isArray = _level is Level.Groups or Level.ScopeGroups or Level.Records;
        if (*at == ',' && _valueEnded)
        {
            _valueEnded = false;
            _commaPassed = true;
            return at + 1;
        }

        if (*at == (isArray ? ']' : '}') && !_commaPassed)
        {
            Leave();
            return at + 1;
        }

        if (_valueEnded || !(isArray || *at == '"'))
        {
            return NeedsMore(at) ? Starve(at) : Break(at, $"{(isArray ? "',' or ']'" : _valueEnded ? "',' or '}'" : "a field's name in quotes")} is expected, not {Describe(at)}");
        }

        return isArray ? ReadElement(at) : ReadMember(at);
    }

    private void Enter(Level level)
    {
        _level = level;
        _valueEnded = false;
        _commaPassed = false;
    }

    private void Leave()
    {
        _level = _isBareGroup && _level == Level.Group ? Level.Document : _level;
        if (_level == Level.Document)
        {
            _isBareGroup = false;
            _level = _wrappers-- > 0 ? Level.Document : Level.Documents;
            _wrappers = Math.Max(_wrappers, 0);
        }
        else
        {
            _level--;
        }

        _valueEnded = true;
        _commaPassed = false;
    }

    private byte* Pass(byte* at)
    {
        _valueEnded = true;
        _commaPassed = false;
        return at;
    }

    private byte* ReadElement(byte* at)
    {
        if (*at != '{')
        {
            return RejectElement(at);
        }

        switch (_level)
        {
            case Level.Groups:
                _group++;
                _scopeGroup = -1;
                _writer.BeginResourceGroup();
                Enter(Level.Group);
                return at + 1;
            case Level.ScopeGroups:
                _scopeGroup++;
                _record = -1;
                _writer.BeginScopeGroup();
                Enter(Level.ScopeGroup);
                return at + 1;
            default:
                return ReadRecord(at);
        }
    }

    private byte* RejectElement(byte* at)
    {
        long line = _json.Line;
        byte* behind = _json.SkipValue(at, 1);
        if (behind is null)
        {
            return Stop(at, line);
        }

        Count();
        Reject(line, at, behind, $"expected an object, not {Describe(at)}", string.Empty);
        return Pass(behind);
    }

    private byte* ReadRecord(byte* at)
    {
        long line = _json.Line;
        byte* behind = _signal == OtlpSignal.Logs ? _records.ReadLog(at) : _records.ReadSpan(at);
        if (behind is null)
        {
            return Stop(at, line);
        }

        Count();
        if (_records.Fault is not null)
        {
            Reject(line, at, behind, _records.Fault, _records.FaultPath);
        }

        return Pass(behind);
    }

    private void Count()
    {
        _record += _level == Level.Records ? 1 : 0;
        _scopeGroup += _level == Level.ScopeGroups ? 1 : 0;
        _group += _level == Level.Groups ? 1 : 0;
    }

    private byte* ReadMember(byte* at)
    {
        long line = _json.Line;
        byte* value = _json.ReadString(at + 1, out byte* text, out int length);
        OtlpField field = value is null ? OtlpField.Other : OtlpFieldNames.Of(new ReadOnlySpan<byte>(text, length));
        value = value is null ? null : _json.PassColon(value);
        if (value is null)
        {
            return Stop(at, line);
        }

        if (_level == Level.Document && (field is OtlpField.ScopeSpans or OtlpField.ScopeLogs or OtlpField.Resource) && *value is (byte)'[' or (byte)'{')
        {
            BeginBareGroup();
        }

        byte* behind;
        switch (_level, field)
        {
            case (Level.Document, OtlpField.Wrapper) when *value == '{':
                _wrappers++;
                Enter(Level.Document);
                return value + 1;
            case (Level.Document, OtlpField.ResourceSpans or OtlpField.ResourceLogs) when *value == '[':
                _signal = field == OtlpField.ResourceLogs ? OtlpSignal.Logs : OtlpSignal.Traces;
                _group = -1;
                Enter(Level.Groups);
                return value + 1;
            case (Level.Group, OtlpField.ScopeSpans or OtlpField.ScopeLogs) when *value == '[':
                _signal = field == OtlpField.ScopeLogs ? OtlpSignal.Logs : OtlpSignal.Traces;
                _scopeGroup = -1;
                Enter(Level.ScopeGroups);
                return value + 1;
            case (Level.ScopeGroup, OtlpField.Spans or OtlpField.LogRecords) when *value == '[':
                _record = -1;
                Enter(Level.Records);
                return value + 1;
            case (Level.Document, OtlpField.ResourceMetrics) when *value == '[':
                if (NeedsMore(at))
                {
                    _json.Line = line;
                    return Starve(at);
                }

                Reject(line, at, value, "metrics are not read", ".resourceMetrics");
                return PassValue(value);
            case (Level.Group, OtlpField.Resource) when *value == '{':
                behind = _records.ReadResource(value);
                break;
            case (Level.ScopeGroup, OtlpField.Scope) when *value == '{':
                behind = _records.ReadScope(value);
                break;
            default:
                behind = _json.SkipValue(value, 1);
                break;
        }

        if (behind is null)
        {
            return Stop(at, line);
        }

        bool isContainer = (_level, field) is (Level.Document, OtlpField.ResourceSpans or OtlpField.ResourceLogs)
            or (Level.Group, OtlpField.ScopeSpans or OtlpField.ScopeLogs)
            or (Level.ScopeGroup, OtlpField.Spans or OtlpField.LogRecords);
        if (isContainer && *value != 'n')
        {
            Reject(line, at, behind, "expected an array");
        }

        return Pass(behind);
    }

    /// <summary>The document turns out to be one of the groups that a request has a list of.</summary>
    private void BeginBareGroup()
    {
        _isBareGroup = true;
        _group = 0;
        _scopeGroup = -1;
        _writer.BeginResourceGroup();
        _level = Level.Group;
    }

    /// <summary>Where a record or member could not be read to its end: for want of content, or because it is broken or too long.</summary>
    private byte* Stop(byte* at, long line)
    {
        bool cut = _json.ErrorAt >= _end;
        long length = (cut ? _end : _json.ErrorAt) - at;
        bool isRecord = _level == Level.Records;
        if (length > _limits.RecordBytes)
        {
            Reject(line, at, _end, $"longer than {_limits.RecordBytes} bytes: split it, or raise the limit on a record's length", isRecord ? Next() : string.Empty);
            _json.Line = line;
            Count();
            return PassValue(at);
        }

        if ((cut && !_isLast) || NeedsMore(at))
        {
            _json.Line = line;
            return Starve(at);
        }

        if (cut)
        {
            return Break(at, "the source is cut off inside a document");
        }

        string reason = $"not JSON at byte {_json.ErrorAt - at}: {_json.Error}, not {Describe(_json.ErrorAt)}";
        _json.Line = line;
        if (!isRecord)
        {
            return Break(at, reason);
        }

        // Braces mostly match still: then the records behind this one can be read.
        Broken ??= string.Create(CultureInfo.InvariantCulture, $"{Path()}{Next()} at byte {_offset + (_json.ErrorAt - _start)}: {reason}");
        Reject(line, at, _end, reason, Next());
        Count();
        return PassValue(at);
    }

    private byte* PassValue(byte* at)
    {
        _passed.Begin();
        _recovery = Recovery.Value;
        return Pass(at);
    }

    private byte* Recover(byte* at)
    {
        if (_recovery == Recovery.Value)
        {
            at = _passed.Pass(at, _end, out bool passed, out int lines);
            _json.Line += lines;
            if (passed)
            {
                _recovery = _passed.IsCutInTwo ? Recovery.Document : Recovery.None;
            }

            return at;
        }

        byte* end = EndOfLine(at);
        if (end == _end)
        {
            return _end;
        }

        byte* next = PassLineBreak(end);
        if (_starved)
        {
            return end;
        }

        if (next == _end && !_isLast)
        {
            // Whether the next line begins a document is not known yet.
            _json.Line--;
            return Starve(end);
        }

        if (*next is (byte)'{' or (byte)'[')
        {
            _recovery = Recovery.None;
            _level = Level.Documents;
            _arrays = 0;
            _wrappers = 0;
            _isBareGroup = false;
        }

        return next;
    }

    /// <summary>Gives the rest of the document up. The next one begins on a line of its own, where what is inside of one is indented.</summary>
    private byte* Break(byte* at, string reason)
    {
        Broken ??= string.Create(CultureInfo.InvariantCulture, $"{Path()} at byte {_offset + (at - _start)}: {reason}");
        Reject(_json.Line, at, _end, reason);
        _recovery = Recovery.Document;
        return at;
    }

    /// <summary>Whether an excerpt from here needs content that is not there yet: what is said does not depend on how it arrives.</summary>
    private bool NeedsMore(byte* at) => !_isLast && _end - at < _limits.ExcerptLength * 4;

    private byte* EndOfLine(byte* at)
    {
        int length = new ReadOnlySpan<byte>(at, (int)(_end - at)).IndexOfAny((byte)'\n', (byte)'\r');
        return length < 0 ? _end : at + length;
    }

    private string Path()
    {
        string kind = _signal == OtlpSignal.Logs ? "Logs" : "Spans";
        StringBuilder path = new("$");
        if (_level >= Level.Groups)
        {
            path.Append(".resource").Append(kind);
        }

        if (_level >= Level.Group)
        {
            path.Append(CultureInfo.InvariantCulture, $"[{_group}]");
        }

        if (_level >= Level.ScopeGroups)
        {
            path.Append(".scope").Append(kind);
        }

        if (_level >= Level.ScopeGroup)
        {
            path.Append(CultureInfo.InvariantCulture, $"[{_scopeGroup}]");
        }

        return path.Append(_level == Level.Records ? (_signal == OtlpSignal.Logs ? ".logRecords" : ".spans") : string.Empty).ToString();
    }

    /// <summary>The index of the record that is next.</summary>
    private string Next() => string.Create(CultureInfo.InvariantCulture, $"[{_record + 1}]");

    private string Describe(byte* at)
    {
        if (at >= _end)
        {
            return "the end of the source";
        }

        Rune.DecodeFromUtf8(new ReadOnlySpan<byte>(at, (int)Math.Min(4, _end - at)), out Rune rune, out _);
        return *at is (byte)'\n' or (byte)'\r' ? "the end of the line"
            : *at < ' ' ? $"the control character 0x{*at:x2}"
            : $"'{rune}'";
    }

    private void Reject(long line, byte* at, byte* end, string reason, string path)
    {
        string index = _level == Level.Records && !path.StartsWith('[') ? string.Create(CultureInfo.InvariantCulture, $"[{_record}]") : string.Empty;
        Reject(line, at, end, $"{Path()}{index}{path}: {reason}");
    }

    private void Reject(long line, byte* at, byte* end, string reason)
    {
        bool kept = _statistics.Rejections.Count < _limits.RejectionsKept;
        int length = (int)Math.Min(end - at, _limits.ExcerptLength * 4);
        string excerpt = kept ? Excerpt.Of(new ReadOnlySpan<byte>(at, length), _limits.ExcerptLength) : string.Empty;
        _statistics.Reject(line, _offset + (at - _start), reason, excerpt, _limits.RejectionsKept);
    }
}
