using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>
/// Finds records in JSON of any structure: lines, arrays, documents that wrap them. A format says which values only wrap
/// records and which are records; only one record is ever held, and a bad one does not stop the others.
/// A record that is JSON is gone through once, by the format. Where it is not, its end is looked for by quotes and brackets.
/// </summary>
internal abstract unsafe class JsonRecordReader(ReadLimits limits, SourceStatistics statistics) : FormatReader
{
    /// <summary>The place of what is in no other value.</summary>
    protected const int Root = 0;

    private const int DeepestWrapper = 64;
    private const int LongestWrapperKey = 256;

    private readonly Stack<Frame> _frames = new([new Frame(Root, IsObject: false, Line: 1)]);
    private byte[] _key = [];
    private State _state;
    private JsonValueScan _scan;
    private int _scanned;
    private int _recordPlace;
    private long _line = 1;
    private bool _atLineStart = true;
    private bool _saidCutOff;

    private enum State
    {
        Between,

        /// <summary>Behind a key and its colon.</summary>
        BeforeValue,

        InSkipped,
        InRecord,
        InLine,

        /// <summary>Behind something broken: pass the rest of the line.</summary>
        InBrokenLine,
    }

    /// <summary>Whether nothing but arrays is open around the records here: inside a document that wraps them nobody else could go on.</summary>
    public override bool CanBeContinued => (_state is State.Between or State.BeforeValue or State.InRecord or State.InLine) && IsAtRoot;

    /// <inheritdoc/>
    public override long Line
    {
        get => _line;
        set => _line = value;
    }

    /// <inheritdoc/>
    public override int OpenArrays
    {
        get => _frames.Count - 1;
        set
        {
            _frames.Clear();
            _frames.Push(new Frame(Root, IsObject: false, _line));
            for (int open = 0; open < value && _frames.Count < DeepestWrapper; open++)
            {
                _frames.Push(new Frame(Root, IsObject: false, _line));
            }
        }
    }

    /// <summary>Whether nothing but arrays is open: what comes is a record, or a document that wraps records.</summary>
    private bool IsAtRoot => _frames.All(frame => frame.Place == Root && !frame.IsObject);

    /// <summary>Bounds.</summary>
    protected ReadLimits Limits { get; } = limits;

    /// <summary>Where records and rejections are counted.</summary>
    protected SourceStatistics Statistics { get; } = statistics;

    /// <summary>How records are read.</summary>
    protected JsonScanner Json { get; } = new(Math.Clamp(limits.JsonDepth, 1, 512));

    /// <summary>Whether lines of text are read, too.</summary>
    protected virtual bool TakesLines => false;

    /// <summary>Where the record or line being read begins in the source.</summary>
    protected long RecordOffset { get; private set; }

    /// <summary>The key of the record being read, where it is a field of an object.</summary>
    protected ReadOnlySpan<byte> Key => _key;

    /// <inheritdoc/>
    public override bool Read(SourceContent content, SpanBatch batch, out int consumed)
    {
        BeginRead();
        ReadOnlySpan<byte> bytes = content.Bytes;
        int at = 0;
        while (true)
        {
            if (Limits.IsFull(batch))
            {
                consumed = at;
                LeaveBatch(batch);
                return true;
            }

            int from = at;
            bool isText = _state == State.InLine;
            bool goesOn = at < bytes.Length && Step(content, ref at, batch);
            _line += isText ? 0 : bytes[from..at].Count((byte)'\n');
            _atLineStart = at > from ? IsLineStart(bytes[from..at], _atLineStart) : _atLineStart;
            if (!goesOn)
            {
                consumed = at;
                if (content.IsLast && Foreign == SourceFormat.Unknown)
                {
                    End(content, ref consumed, batch);
                }

                return false;
            }
        }
    }

    /// <summary>Says what to do with a value.</summary>
    /// <param name="place">Where it is: <see cref="Root"/>, or what was said for the value that it is in.</param>
    /// <param name="key">Its key, if it is in an object.</param>
    /// <param name="value">What is here of it; at least one byte.</param>
    /// <param name="isLast">Whether no more of it can come.</param>
    /// <param name="inner">What is entered, or which record is read.</param>
    protected abstract JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner);

    /// <summary>Reads a record and appends what it tells.</summary>
    /// <param name="place">Which record it is.</param>
    /// <param name="at">Its first byte.</param>
    /// <param name="batch">Where to append.</param>
    /// <param name="fault">What is wrong with it if it cannot be used; null if nothing is.</param>
    /// <returns>Where it ends; null if it is no JSON, as <see cref="Json"/> then says, or not here up to its end. Nothing is told of it then.</returns>
    protected abstract byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault);

    /// <summary>Reads a line of text that is no JSON, without its line break.</summary>
    protected virtual void ReadLine(ReadOnlySpan<byte> line)
    {
    }

    /// <summary>A value was entered.</summary>
    protected virtual void Entered(int place)
    {
    }

    /// <summary>A value that was entered has ended, or the source has ended in it.</summary>
    protected virtual void Left(int place, SpanBatch batch)
    {
    }

    /// <summary>The batch is full: nothing in it can be changed after this.</summary>
    protected virtual void LeaveBatch(SpanBatch batch)
    {
    }

    /// <summary>Takes one step; false if more content is needed.</summary>
    private bool Step(SourceContent content, ref int at, SpanBatch batch) => _state switch
    {
        State.InSkipped => Skip(content, ref at),
        State.InRecord => Collect(content, ref at, batch),
        State.InBrokenLine => PassLine(content, ref at),
        State.InLine => CollectLine(content, ref at),
        State.BeforeValue => BeginValue(content, ref at),
        _ => _frames.Peek().IsObject ? PassToField(content, ref at, batch) : PassToElement(content, ref at, batch),
    };

    private bool PassToElement(SourceContent content, ref int at, SpanBatch batch)
    {
        if (!PassBlanks(content.Bytes, ref at))
        {
            return false;
        }

        switch (content.Bytes[at])
        {
            case (byte)']':
                at++;
                if (_frames.Count > 1)
                {
                    Leave(batch);
                }

                return true;
            case (byte)'{' or (byte)'[':
                _key = [];
                _state = State.BeforeValue;
                return true;
            default:
                if (TakesLines && _frames.Count == 1)
                {
                    _state = State.InLine;
                    return true;
                }

                return Break(content, ref at, "a record is a JSON object");
        }
    }

    private bool CollectLine(SourceContent content, ref int at)
    {
        ReadOnlySpan<byte> rest = content.Bytes[at..];
        int end = rest.IndexOf((byte)'\n');
        if (end < 0 && rest.Length > Limits.RecordBytes)
        {
            Reject(content, at, rest, $"the line is longer than {Limits.RecordBytes} bytes: split it, or raise the limit on a record's length");
            _state = State.InBrokenLine;
            return true;
        }

        if (end < 0 && !content.IsLast)
        {
            return false;
        }

        rest = end < 0 ? rest : rest[..end];
        RecordOffset = content.Offset + at;
        ReadLine(rest.TrimEnd((byte)'\r'));
        at += rest.Length;
        _state = State.Between;
        return true;
    }

    private bool PassToField(SourceContent content, ref int at, SpanBatch batch)
    {
        if (!PassBlanks(content.Bytes, ref at))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = content.Bytes[at..];
        if (rest[0] == '}')
        {
            at++;
            Leave(batch);
            return true;
        }

        if (rest[0] != '"')
        {
            return Break(content, ref at, "a field's name in quotes is expected");
        }

        int end = 0;
        JsonValueScan scan = new(ownLine: false);
        JsonValueScan.Outcome outcome = scan.Scan(rest, ref end, content.IsLast);
        int colon = end;
        if (outcome == JsonValueScan.Outcome.Broken || (outcome == JsonValueScan.Outcome.Unfinished && rest.Length > Limits.RecordBytes))
        {
            return Break(content, ref at, "a field's name is not closed on its line");
        }

        if (outcome == JsonValueScan.Outcome.Unfinished || !PassBlanks(rest, ref colon))
        {
            return false;
        }

        if (rest[colon] != ':')
        {
            return Break(content, ref at, "a field's name is followed by a colon");
        }

        _key = end - 2 <= LongestWrapperKey ? Plain(rest[..end]) : [];
        at += colon + 1;
        _state = State.BeforeValue;
        return true;
    }

    /// <summary>A name without its quotes and escapes; empty where these are none of JSON's.</summary>
    private byte[] Plain(ReadOnlySpan<byte> quoted)
    {
        if (!quoted.Contains((byte)'\\'))
        {
            return quoted[1..^1].ToArray();
        }

        fixed (byte* start = quoted)
        {
            return Json.ReadString(start + 1, out byte* text, out int length) is null ? [] : new ReadOnlySpan<byte>(text, length).ToArray();
        }
    }

    private bool BeginValue(SourceContent content, ref int at)
    {
        int first = at;
        while (first < content.Bytes.Length && content.Bytes[first] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            first++;
        }

        if (first > at)
        {
            at = first;
            return true;
        }

        ReadOnlySpan<byte> value = content.Bytes[at..];
        if (value[0] is (byte)',' or (byte)'}' or (byte)']' or (byte)':')
        {
            _state = State.Between;
            return Break(content, ref at, "a value is expected");
        }

        switch (Decide(_frames.Peek().Place, _key, value, content.IsLast, out int inner))
        {
            case JsonHandling.Undecided when !content.IsLast && value.Length <= Limits.RecordBytes:
                return false;
            case JsonHandling.Enter when value[0] is (byte)'{' or (byte)'[' && _frames.Count < DeepestWrapper:
                _frames.Push(new Frame(inner, value[0] == '{', _line));
                _state = State.Between;
                at++;
                Entered(inner);
                return true;
            case JsonHandling.Line:
                _state = State.InLine;
                return true;
            case JsonHandling.Foreign when LeavesRecord(content, at):
                return false;
            case JsonHandling.Record or JsonHandling.Foreign:
                _recordPlace = inner;
                _state = State.InRecord;
                break;
            default:
                _state = State.InSkipped;
                break;
        }

        _scan = new JsonValueScan(_atLineStart);
        _scanned = 0;
        return true;
    }

    private bool Skip(SourceContent content, ref int at)
    {
        JsonValueScan.Outcome outcome = _scan.Scan(content.Bytes, ref at, content.IsLast);
        _state = outcome switch
        {
            JsonValueScan.Outcome.Ended => State.Between,
            JsonValueScan.Outcome.Broken => State.InBrokenLine,
            _ => _state,
        };
        return outcome != JsonValueScan.Outcome.Unfinished;
    }

    private bool Collect(SourceContent content, ref int at, SpanBatch batch)
    {
        if (_scanned == 0)
        {
            if (TryReadRecord(content, ref at, batch, out bool isWhole))
            {
                return Foreign == SourceFormat.Unknown;
            }

            if ((!isWhole || content.Bytes.Length - at < ShownOfText) && !content.IsLast && content.Bytes.Length - at <= Limits.RecordBytes)
            {
                return false;
            }

            if (LeavesRecord(content, at))
            {
                return false;
            }
        }

        ReadOnlySpan<byte> rest = content.Bytes[at..];
        JsonValueScan.Outcome outcome = _scan.Scan(rest, ref _scanned, content.IsLast);
        if (_scanned > Limits.RecordBytes)
        {
            Reject(content, at, rest, $"the record is longer than {Limits.RecordBytes} bytes: split it, or raise the limit on a record's length");
            _state = outcome == JsonValueScan.Outcome.Ended ? State.Between : outcome == JsonValueScan.Outcome.Broken ? State.InBrokenLine : State.InSkipped;
            at += _scanned;
            return outcome != JsonValueScan.Outcome.Unfinished;
        }

        switch (outcome)
        {
            case JsonValueScan.Outcome.Ended:
                Reject(content, at, rest[.._scanned], $"not JSON: {Json.Error}");
                _state = State.Between;
                at += _scanned;
                return true;
            case JsonValueScan.Outcome.Broken:
                Reject(content, at, rest[.._scanned], "the record is cut off: its line ends inside it");
                _state = State.InBrokenLine;
                at += _scanned;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads a record if it is JSON; else says whether it is here up to what is wrong with it.</summary>
    private bool TryReadRecord(SourceContent content, ref int at, SpanBatch batch, out bool isWhole)
    {
        SpanBatchMark mark = batch.Mark();
        fixed (byte* start = content.Bytes)
        {
            byte* first = start + at;
            Json.End = start + content.Bytes.Length;
            RecordOffset = content.Offset + at;
            string? fault = null;
            byte* end = IsTooLong(first) ? null : ReadRecord(_recordPlace, first, batch, out fault);
            isWhole = end is not null || Json.ErrorAt < Json.End;
            if (end is null || fault is not null)
            {
                batch.Rewind(mark);
            }

            if (end is null)
            {
                return false;
            }

            int length = (int)(end - first);
            if (fault is not null)
            {
                if (LeavesRecord(content, at))
                {
                    return true;
                }

                Reject(content, at, content.Bytes.Slice(at, length), fault);
            }

            _state = State.Between;
            at += length;
            return true;
        }
    }

    /// <summary>Whether a record in no document is left to the reader of another format.</summary>
    private bool LeavesRecord(SourceContent content, int at)
    {
        bool leaves = IsAtRoot && Leaves(content.Bytes[at..], content.Offset + at);
        _state = leaves ? State.Between : _state;
        return leaves;
    }

    /// <summary>Whether a record is JSON but longer than allowed; hardly ever is there so much content that it could be.</summary>
    private bool IsTooLong(byte* at) =>
        Json.End - at > Limits.RecordBytes && Json.SkipValue(at, 1) is var end && end is not null && end - at > Limits.RecordBytes;

    private bool PassLine(SourceContent content, ref int at)
    {
        int end = content.Bytes[at..].IndexOf((byte)'\n');
        at = end < 0 ? content.Bytes.Length : at + end + 1;
        _state = end < 0 ? _state : State.Between;
        return end >= 0;
    }

    private bool Break(SourceContent content, ref int at, string expected)
    {
        ReadOnlySpan<byte> rest = content.Bytes[at..];
        int end = rest.IndexOf((byte)'\n');
        if (end < 0 && !content.IsLast && rest.Length <= Limits.RecordBytes)
        {
            return false;
        }

        if (LeavesRecord(content, at))
        {
            return false;
        }

        Rune.DecodeFromUtf8(rest, out Rune found, out _);
        Reject(content, at, end < 0 ? rest : rest[..end], $"not JSON: {expected}, not {(Rune.IsControl(found) ? "a control character" : $"'{found}'")}");
        _state = State.InBrokenLine;
        return true;
    }

    /// <summary>Whether a line begins behind what was passed, marks aside.</summary>
    private static bool IsLineStart(ReadOnlySpan<byte> passed, bool before)
    {
        while (passed.EndsWith(FormatDetection.ByteOrderMark))
        {
            passed = passed[..^FormatDetection.ByteOrderMark.Length];
        }

        return passed.IsEmpty ? before : passed[^1] == '\n';
    }

    private void Leave(SpanBatch batch) => Left(_frames.Pop().Place, batch);

    private void End(SourceContent content, ref int at, SpanBatch batch)
    {
        if (_state == State.InRecord || at < content.Bytes.Length)
        {
            Reject(content, at, content.Bytes[at..], "the record is cut off: the source ends inside it");
            _saidCutOff = true;
            at = content.Bytes.Length;
        }
        else if (_frames.Count > 1 && !_saidCutOff)
        {
            Frame outermost = _frames.ElementAt(_frames.Count - 2);
            Statistics.Reject(
                outermost.Line, content.Offset + at, "the document that began on this line is not closed: the source seems to be cut off", string.Empty, Limits.RejectionsKept);
        }

        _state = State.Between;
        while (_frames.Count > 1)
        {
            Leave(batch);
        }
    }

    private void Reject(SourceContent content, int at, ReadOnlySpan<byte> record, string reason)
    {
        bool kept = Statistics.Rejections.Count < Limits.RejectionsKept;
        Statistics.Reject(_line, content.Offset + at, reason, kept ? Excerpt.Of(record, Limits.ExcerptLength) : string.Empty, Limits.RejectionsKept);
    }

    /// <summary>Passes blanks, commas and byte order marks; false if nothing else is here.</summary>
    private static bool PassBlanks(ReadOnlySpan<byte> content, ref int at)
    {
        while (true)
        {
            int blanks = content[at..].IndexOfAnyExcept(" \t\r\n,"u8);
            at = blanks < 0 ? content.Length : at + blanks;
            if (blanks < 0 || content[at] != FormatDetection.ByteOrderMark[0])
            {
                return blanks >= 0;
            }

            ReadOnlySpan<byte> rest = content[at..];
            if (!rest.StartsWith(FormatDetection.ByteOrderMark))
            {
                return !FormatDetection.ByteOrderMark.StartsWith(rest);
            }

            at += FormatDetection.ByteOrderMark.Length;
        }
    }

    private readonly record struct Frame(int Place, bool IsObject, long Line);
}
