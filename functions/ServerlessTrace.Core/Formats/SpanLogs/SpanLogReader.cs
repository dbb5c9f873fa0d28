using System.Text;
using ServerlessTrace.Core.Formats.LogLines;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>
/// Finds records in content and has them read: JSON lines, arrays, single and concatenated objects, in any mixture, since
/// brackets and commas between objects are passed over. After broken JSON it goes on where the next record most likely begins.
/// </summary>
internal sealed unsafe class SpanLogReader : FormatReader
{
    private readonly ReadLimits _limits;
    private readonly SourceStatistics _statistics;
    private readonly JsonScanner _json;
    private readonly SpanLogParser _parser;
    private readonly SpanLogWriter _writer;
    private readonly string _service;
    private readonly bool _nested;
    private readonly IEnvelopes? _envelopes;
    private readonly Func<ReadLimits, SourceStatistics, LogLineReader>? _peelerOf;
    private readonly OversizedRecord _oversized = new();

    private byte* _start;
    private byte* _end;
    private long _offset;
    private bool _isLast;
    private bool _starved;
    private bool _cutOff;
    private Recovery _recovery;

    // Brackets opened around records, the line of the last one, and how many records had been seen then.
    private int _arrays;
    private long _arrayLine;
    private long _seenBeforeArray;
    private long _seen;

    // How far into its line the content begins, and into which column the broken record's.
    private int _columnOfStart;
    private int _brokenColumn;
    private bool _brokenOverLines;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of records that name none.</param>
    /// <param name="defaults">What an envelope says of the records in its body; null outside one.</param>
    /// <param name="envelopes">What stood around the records; null if nothing did.</param>
    /// <param name="peelerOf">Makes the reader of what wraps records among those that stand for themselves; null if none is looked for.</param>
    public SpanLogReader(
        ReadLimits limits, SourceStatistics statistics, string service, SpanLogDefaults? defaults = null, IEnvelopes? envelopes = null,
        Func<ReadLimits, SourceStatistics, LogLineReader>? peelerOf = null)
    {
        _envelopes = envelopes;
        _peelerOf = peelerOf;
        _limits = limits;
        _statistics = statistics;
        _service = service;
        _nested = defaults is not null;
        _json = new JsonScanner(Math.Clamp(limits.JsonDepth, 1, 512));
        _parser = new SpanLogParser(limits, _json);
        _writer = new SpanLogWriter(limits, _parser, statistics, service, defaults);
    }

    /// <summary>What to do before records can be read again.</summary>
    private enum Recovery
    {
        None,

        /// <summary>Pass the rest of a line.</summary>
        Line,

        /// <summary>Pass the rest of a line, then the lines that seem to go on with the broken record.</summary>
        LineOfBrokenRecord,

        /// <summary>Pass lines that seem to go on with the broken record.</summary>
        BrokenRecord,

        /// <summary>Pass the rest of a record that is too long.</summary>
        OversizedRecord,
    }

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.SpanLog;

    /// <inheritdoc/>
    public override bool CanBeContinued => _recovery is Recovery.None or Recovery.BrokenRecord;

    /// <inheritdoc/>
    public override long Line
    {
        get => _json.Line;
        set
        {
            _json.Line = value;
            _columnOfStart = 0;
        }
    }

    /// <inheritdoc/>
    public override int OpenArrays
    {
        get => _arrays;
        set
        {
            // Records came before this part: that its array is one was settled by them.
            _arrays = value;
            _arrayLine = _json.Line;
            _seenBeforeArray = value > 0 ? -1 : 0;
        }
    }

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
            byte* at = Read(start, batch, out bool full);
            consumed = (int)(at - start);
            _columnOfStart = Column(at);
            if (_isLast && at == _end && !full && _arrays > 0 && !_cutOff)
            {
                _cutOff = true;
                Reject(_arrayLine, _end, _end, "the array that began on this line is not closed: the source seems to be cut off");
            }

            return full;
        }
    }

    private byte* Read(byte* at, SpanBatch batch, out bool full)
    {
        while (true)
        {
            full = _limits.IsFull(batch);
            if (full || at == _end)
            {
                return at;
            }

            _starved = false;
            at = _recovery != Recovery.None ? Recover(at)
                : *at == '{' ? ReadRecord(at, batch)
                : PassBetweenRecords(at, batch);
            if (_starved)
            {
                return at;
            }
        }
    }

    /// <summary>Says that nothing can be decided here without more content.</summary>
    private byte* Starve(byte* at)
    {
        _starved = true;
        return at;
    }

    /// <summary>Reads a record; returns its beginning if more content is needed.</summary>
    private byte* ReadRecord(byte* at, SpanBatch batch)
    {
        long line = _json.Line;
        byte* behind = _parser.Read(at, _end, batch.Strings);
        bool cut = behind is null && _json.ErrorAt >= _end;
        long length = (behind is not null ? behind : cut ? _end : _json.ErrorAt) - at;
        if (length > _limits.RecordBytes)
        {
            return RejectOversized(at, line);
        }

        if (behind is not null)
        {
            if (_parser.Record.MayBeForeign && Leaves(new ReadOnlySpan<byte>(at, (int)length), Offset(at)))
            {
                _json.Line = line;
                return Starve(at);
            }

            if (_envelopes is not null)
            {
                _writer.Envelope = _envelopes.Of(line);
            }

            if (_parser.Record.IsEntry && TryPeel(_parser.Raw, line, batch))
            {
                _seen++;
                return behind;
            }

            string? fault = Write(at, line, batch);
            if (fault is not null && Leaves(new ReadOnlySpan<byte>(at, (int)length), Offset(at)))
            {
                _json.Line = line;
                return Starve(at);
            }

            _seen++;
            if (fault is not null)
            {
                WriteOdd(at, behind, line, fault, batch);
            }

            return behind;
        }

        if (cut && !_isLast)
        {
            _json.Line = line;
            return Starve(at);
        }

        return RejectBroken(at, line, cut);
    }

    /// <summary>Looks further into a record that cannot be used as it is: for a header, or for records that it wraps.</summary>
    private void WriteOdd(byte* at, byte* end, long line, string fault, SpanBatch batch)
    {
        ReadOnlySpan<byte> record = new(at, (int)(end - at));
        bool isLost = !_parser.Record.HasTrace && (TraceEvidence.In(record) || TraceEvidence.HasIds(record));
        if (isLost && _peelerOf is not null && Container.MayWrap(record) && TryPeel(record, line, batch))
        {
            return;
        }

        if (isLost && TraceParentSearch.TryFind(record, out _parser.Record.HeaderTraceId, out _parser.Record.HeaderSpanId))
        {
            fault = _writer.Write(batch) ?? string.Empty;
        }
        else if (isLost && ContextSearch.TryFind(record, out Envelope context))
        {
            (_parser.Record.OtherTraceId, _parser.Record.OtherSpanId) = (context.TraceId, context.SpanId);
            fault = _writer.Write(batch) ?? string.Empty;
        }

        if (fault.Length > 0)
        {
            Reject(line, at, end, fault);
        }
    }

    /// <summary>Reads what an object or a line of text wraps, if that is any record.</summary>
    private bool TryPeel(ReadOnlySpan<byte> content, long line, SpanBatch batch)
    {
        if (_peelerOf is null)
        {
            return false;
        }

        byte[] padded = new byte[content.Length + JsonScanner.Slack];
        content.CopyTo(padded);
        SourceStatistics found = new();
        LogLineReader reader = _peelerOf(_limits with { SpansPerBatch = int.MaxValue, BytesPerBatch = long.MaxValue }, found);
        reader.Line = line;
        fixed (byte* at = content)
        {
            reader.ReadAll(new SourceContent(padded.AsSpan(0, content.Length), _offset + (at - _start), isLast: true), batch);
        }

        if (found.Records == 0)
        {
            return false;
        }

        _statistics.Take(found, _limits.RejectionsKept);
        return true;
    }

    private string? Write(byte* at, long line, SpanBatch batch)
    {
        if (_parser.Headers is null && _parser.Body is null)
        {
            return _writer.Write(batch);
        }

        // Headers and body are read once more, now that it is known what they are; their lines are counted already.
        long behind = _json.Line;
        string? fault = WriteMessage(at, line, batch);
        _json.Line = behind;
        return fault;
    }

    private string? WriteMessage(byte* at, long line, SpanBatch batch)
    {
        SpanLogDefaults? headers = null;
        MessageEnvelope envelope = new(_limits, _parser, _json, _service);
        if (!_nested && _parser.Record.TraceId.IsZero && _parser.Headers is not null)
        {
            string? fault = envelope.ReadHeaders(batch.Strings, out headers);
            if (fault is not null)
            {
                return fault;
            }
        }

        if (headers is null)
        {
            _parser.KeepHeadersAndBody();
            return _writer.Write(batch);
        }

        SourceStatistics inner = new();
        if (envelope.TryReadSpanLogs(headers, inner, batch))
        {
            _statistics.Absorb(inner, line, Offset(at), _limits.RejectionsKept);
            return null;
        }

        _parser.KeepBodyAsAttributes();
        return new SpanLogWriter(_limits, _parser, _statistics, _service, headers).Write(batch);
    }

    private byte* RejectOversized(byte* at, long line)
    {
        Reject(line, at, at + Math.Min(_end - at, _limits.RecordBytes), $"the record is longer than {_limits.RecordBytes} bytes: split it, or raise the limit on a record's length");
        _json.Line = line;
        _oversized.Begin();
        _recovery = Recovery.OversizedRecord;
        _seen++;
        return at;
    }

    private byte* RejectBroken(byte* at, long line, bool cut)
    {
        // What is said and done does not depend on how the content happened to arrive: wait for the whole line.
        byte* endOfLine = EndOfLine(at);
        bool isShort = endOfLine == _end || (LeavesForeignRecords && _end - at < ShownOfText);
        if ((isShort && !_isLast && _end - at <= _limits.RecordBytes) || Leaves(new ReadOnlySpan<byte>(at, (int)(_end - at)), Offset(at)))
        {
            _json.Line = line;
            return Starve(at);
        }

        byte* wrong = cut ? _end : _json.ErrorAt;
        long wrongLine = _json.Line;
        string where = $"at byte {wrong - at} of the record{(wrongLine == line ? string.Empty : $", on line {wrongLine}")}";
        string reason = cut ? "the record is cut off: the source ends inside it" : $"not JSON {where}: {_json.Error}, not {Describe(wrong)}";
        Reject(line, at, wrong < endOfLine ? endOfLine : wrong, reason);
        _seen++;
        _cutOff |= cut;
        _json.Line = line;

        // In an array on one line the next record follows on the same line, behind the brace that closes this one.
        byte* close = _arrays > 0 ? ClosingBrace(at, endOfLine) : null;
        if (close is not null)
        {
            return close + 1;
        }

        bool beginsNextRecord = !cut && *wrong == '{' && wrongLine == line + 1 && IsFirstInLine(wrong);
        _brokenColumn = Column(at);
        _brokenOverLines = wrongLine > line && !beginsNextRecord;
        _recovery = Recovery.LineOfBrokenRecord;
        return at;
    }

    private byte* PassBetweenRecords(byte* at, SpanBatch batch)
    {
        while (true)
        {
            switch (*at)
            {
                case (byte)' ' or (byte)'\t' or (byte)',':
                    at++;
                    break;
                case (byte)'\n' or (byte)'\r':
                    at = PassLineBreak(at);
                    if (_starved)
                    {
                        return at;
                    }

                    break;
                case (byte)'[':
                    _arrayLine = _arrays == 0 ? _json.Line : _arrayLine;
                    _seenBeforeArray = _arrays == 0 ? _seen : _seenBeforeArray;
                    _arrays++;
                    at++;
                    break;
                case (byte)']' when _arrays > 0:
                    _arrays--;
                    at++;
                    break;
                case (byte)'{':
                    return at;
                case 0xEF when at[1] == 0xBB && at[2] == 0xBF && _end - at >= 3:
                    at += 3;
                    break;
                case 0xEF when _end - at < 3 && !_isLast:
                    return Starve(at);
                default:
                    return at == _end ? at : RejectOther(at, batch);
            }
        }
    }

    /// <summary>Rejects what is no object: an element of an array, or a whole line.</summary>
    private byte* RejectOther(byte* at, SpanBatch batch)
    {
        byte* end = EndOfLine(at);
        if (end == _end && !_isLast && end - at <= _limits.RecordBytes)
        {
            return Starve(at);
        }

        // "[INFO] …" looks like an array until its second character.
        bool noArray = _arrays == 0 || (_arrayLine == _json.Line && _seen == _seenBeforeArray);
        if (!noArray && _json.SkipValue(at, 1) is var behind && behind is not null && behind <= end)
        {
            _seen++;
            Reject(_json.Line, at, behind, $"a record is a JSON object, not {Describe(at)}");
            return behind;
        }

        _arrays = noArray ? 0 : _arrays;
        ReadOnlySpan<byte> line = new(at, (int)(end - at));
        int prefix = noArray ? LogLine.LengthOfPrefix(line) : 0;
        if (prefix > 0 && !(TraceEvidence.In(line[..prefix]) && TextLine.TryRead(line[..prefix], out _)))
        {
            // Text lines and JSON lines mixed: the record is behind the prefix.
            return at + prefix;
        }

        if (Leaves(new ReadOnlySpan<byte>(at, (int)(end - at)), Offset(at)))
        {
            return Starve(at);
        }

        _seen++;
        if (noArray && _peelerOf is not null && TextLine.TryRead(line, out _) && TryPeel(line, _json.Line, batch))
        {
            return end;
        }

        Reject(_json.Line, at, end, $"the line is not JSON: a record is an object in braces, not {Describe(at)}");
        _recovery = Recovery.Line;
        return end;
    }

    private byte* Recover(byte* at)
    {
        switch (_recovery)
        {
            case Recovery.OversizedRecord:
                at = _oversized.Pass(at, _end, out bool passed, out int lines);
                _json.Line += lines;
                _recovery = passed ? Recovery.None : _recovery;
                return at;
            case Recovery.BrokenRecord:
                return PassBrokenLine(at);
            default:
                byte* end = EndOfLine(at);
                byte* next = end == _end ? end : PassLineBreak(end);
                if (next > end)
                {
                    _recovery = _recovery == Recovery.Line ? Recovery.None : Recovery.BrokenRecord;
                }

                return next;
        }
    }

    /// <summary>Looks at a line after a broken record: passes it if it seems to go on with it, else ends recovery.</summary>
    private byte* PassBrokenLine(byte* at)
    {
        byte* first = at;
        while (*first is (byte)' ' or (byte)'\t')
        {
            first++;
        }

        if (first == _end && !_isLast && first - at <= _limits.RecordBytes)
        {
            return Starve(at);
        }

        if (*first is (byte)'\n' or (byte)'\r')
        {
            return PassLineBreak(first) is var next && _starved ? at : next;
        }

        bool deeper = first - at > _brokenColumn && first < _end;
        bool goesOn = *first switch
        {
            (byte)'{' => deeper && _brokenOverLines,
            (byte)'}' or (byte)']' => deeper,
            (byte)'"' or (byte)',' or (byte)':' => deeper || _brokenOverLines,
            _ => deeper,
        };
        if (goesOn)
        {
            _brokenOverLines = true;
            _recovery = Recovery.LineOfBrokenRecord;
            return at;
        }

        _recovery = Recovery.None;
        return *first == '}' && _brokenOverLines ? first + 1 : first;
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

            at += at[1] == '\n' && at + 1 < _end ? 1 : 0;
        }

        _json.Line++;
        return at + 1;
    }

    private byte* EndOfLine(byte* at)
    {
        int length = new ReadOnlySpan<byte>(at, (int)(_end - at)).IndexOfAny((byte)'\n', (byte)'\r');
        return length < 0 ? _end : at + length;
    }

    /// <summary>The brace on this line that closes an object, counting braces outside strings; null if there is none.</summary>
    private static byte* ClosingBrace(byte* at, byte* end)
    {
        int depth = 0;
        bool quoted = false;
        for (; at < end; at++)
        {
            if (*at == '\\' && quoted)
            {
                at++;
            }
            else if (*at == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted)
            {
                depth += *at == '{' ? 1 : *at == '}' ? -1 : 0;
                if (depth == 0)
                {
                    return at;
                }
            }
        }

        return null;
    }

    private int Column(byte* at)
    {
        int line = new ReadOnlySpan<byte>(_start, (int)(at - _start)).LastIndexOfAny((byte)'\n', (byte)'\r');
        long column = line < 0 ? at - _start + (long)_columnOfStart : at - _start - line - 1;
        return (int)Math.Min(column, int.MaxValue);
    }

    private bool IsFirstInLine(byte* at)
    {
        while (at > _start && at[-1] is (byte)' ' or (byte)'\t')
        {
            at--;
        }

        return at > _start && at[-1] is (byte)'\n' or (byte)'\r';
    }

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

    private void Reject(long line, byte* at, byte* end, string reason)
    {
        bool kept = _statistics.Rejections.Count < _limits.RejectionsKept;
        string excerpt = kept ? Excerpt.Of(new ReadOnlySpan<byte>(at, (int)(Math.Max(end - at, 0))), _limits.ExcerptLength) : string.Empty;
        _statistics.Reject(line, Offset(at), reason, excerpt, _limits.RejectionsKept);
    }

    private long Offset(byte* at) => _offset + (at - _start);
}
