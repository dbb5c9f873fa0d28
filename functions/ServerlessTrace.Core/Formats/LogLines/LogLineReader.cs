using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>
/// Takes off what stands around JSON on each line, joins lines that a container runtime split, and gives the rest to the
/// reader of what it is. A line stays a line, so that lines are counted as in the source.
/// </summary>
internal sealed class LogLineReader(ReadLimits limits, SourceStatistics statistics, Func<SourceFormat, SourceStatistics, FormatReader> readerOf) : FormatReader
{
    private const int ChunkLength = 128 << 10;

    private readonly SourceStatistics _inner = new();
    private readonly JsonText _text = new();
    private readonly List<long> _lineOffsets = [];
    private readonly PartialLine _output = new();
    private readonly PartialLine _errors = new();
    private FormatSwitch? _reader;
    private byte[] _content = new byte[ChunkLength];
    private byte[] _log = [];
    private int _start;
    private int _end;
    private long _innerOffset;
    private long _line = 1;
    private long _firstLine = 1;
    private long _lastOffset;
    private bool _passesLine;
    private bool _innerEnded;
    private bool _wasFull;

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.LogLines;

    /// <inheritdoc/>
    public override bool CanBeContinued =>
        _start == _end && !_passesLine && _output.IsEmpty && _errors.IsEmpty && _reader is null or { CanBeContinued: true, OpenArrays: 0 };

    /// <inheritdoc/>
    public override long Line
    {
        get => _line;
        set
        {
            _line = value;
            _firstLine = value;
        }
    }

    /// <inheritdoc/>
    public override bool Read(SourceContent content, SpanBatch batch, out int consumed)
    {
        consumed = 0;
        if (_wasFull && ReadUnwrapped(batch))
        {
            return true;
        }

        while (true)
        {
            bool atEnd = !Unwrap(content, ref consumed);
            if (_end > _start || (atEnd && content.IsLast && !_innerEnded))
            {
                _innerEnded = atEnd && content.IsLast;
                if (ReadUnwrapped(batch))
                {
                    return true;
                }
            }

            if (atEnd)
            {
                return false;
            }
        }
    }

    /// <summary>Unwraps lines until there is a good piece of content; false when no whole line is left.</summary>
    private bool Unwrap(SourceContent content, ref int at)
    {
        int enough = _end - _start + ChunkLength;
        while (_end - _start < enough)
        {
            ReadOnlySpan<byte> rest = content.Bytes[at..];
            int end = rest.IndexOf((byte)'\n');
            if (_passesLine)
            {
                at += end < 0 ? rest.Length : end;
                _passesLine = end < 0 && !content.IsLast;
                if (end < 0)
                {
                    return false;
                }

                continue;
            }

            if (end < 0 && rest.Length > limits.RecordBytes)
            {
                statistics.Reject(
                    _line, content.Offset + at, $"the line is longer than {limits.RecordBytes} bytes: split it, or raise the limit on a record's length",
                    Excerpt.Of(rest, limits.ExcerptLength), limits.RejectionsKept);
                _passesLine = true;
                continue;
            }

            if (end < 0 && (!content.IsLast || rest.IsEmpty))
            {
                FlushPartial(content.IsLast);
                return false;
            }

            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            _lastOffset = content.Offset + at;
            _lineOffsets.Add(_lastOffset);
            UnwrapLine(line.TrimEnd((byte)'\r'));
            Append("\n"u8);
            at += end < 0 ? rest.Length : end + 1;
            _line++;
        }

        return true;
    }

    private void UnwrapLine(ReadOnlySpan<byte> line)
    {
        if (LogLine.TryReadCri(line, out ReadOnlySpan<byte> content, out bool isError, out bool isPartial))
        {
            Join(isError ? _errors : _output, content, isPartial);
        }
        else if (LogLine.TryReadDocker(line, _text, ref _log, out isError, out isPartial))
        {
            Join(isError ? _errors : _output, _log.AsSpan().TrimEnd("\r\n"u8), isPartial);
        }
        else
        {
            Append(LogLine.WithoutPrefix(line));
        }
    }

    private void Join(PartialLine partial, ReadOnlySpan<byte> content, bool goesOn)
    {
        if (goesOn || !partial.IsEmpty)
        {
            if (!partial.TryAdd(content, limits.RecordBytes))
            {
                // What is joined so far is cut, which the reader will say.
                goesOn = false;
            }

            if (goesOn)
            {
                return;
            }

            content = partial.Take();
        }

        content = LogLine.WithoutPrefix(content);
        Append(content);

        // A log entry of several lines is one line here.
        _content.AsSpan(_end - content.Length, content.Length).Replace((byte)'\n', (byte)' ');
    }

    /// <summary>A source may end in the middle of a split line.</summary>
    private void FlushPartial(bool isLast)
    {
        if (isLast && !(_output.IsEmpty && _errors.IsEmpty))
        {
            Append(LogLine.WithoutPrefix(_output.Take()));
            Append("\n"u8);
            Append(LogLine.WithoutPrefix(_errors.Take()));
        }
    }

    private bool ReadUnwrapped(SpanBatch batch)
    {
        _reader ??= ReaderOf(_content.AsSpan(_start, _end - _start));
        _content[_end] = 0;
        _wasFull = _reader.Read(new SourceContent(_content.AsSpan(_start, _end - _start), _innerOffset, _innerEnded), batch, out int read);
        _start += read;
        _innerOffset += read;
        statistics.Take(_inner, OffsetOfLine, limits.RejectionsKept);
        if (_start == _end)
        {
            _start = 0;
            _end = 0;
        }

        ForgetLines();
        return _wasFull;
    }

    /// <summary>Whatever the lines hold, line breaks around it mean nothing to its format.</summary>
    private FormatSwitch ReaderOf(ReadOnlySpan<byte> content)
    {
        SourceFormat format = SourceFormat.SpanLog;
        try
        {
            format = FormatDetection.Detect(content[..Math.Min(content.Length, FormatDetection.PrefixLength)], out _);
        }
        catch (UnreadableSourceException)
        {
            // Lines without JSON are rejected one by one.
        }

        format = format is SourceFormat.Unknown or SourceFormat.LogLines ? SourceFormat.SpanLog : format;
        FormatSwitch reader = new(format, each => readerOf(each, _inner));
        reader.Line = _firstLine;
        return reader;
    }

    private long OffsetOfLine(long line) =>
        _lineOffsets.Count == 0 ? _lastOffset : _lineOffsets[(int)Math.Clamp(line - _firstLine, 0, _lineOffsets.Count - 1)];

    private void ForgetLines()
    {
        int done = _start == _end ? _lineOffsets.Count : (int)Math.Clamp(_reader!.Line - _firstLine, 0, _lineOffsets.Count);
        if (done > 4096 || _start == _end)
        {
            _lineOffsets.RemoveRange(0, done);
            _firstLine += done;
        }
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        int needed = text.Length + JsonScanner.Slack;
        if (_end + needed > _content.Length)
        {
            int held = _end - _start;
            byte[] content = held + needed <= _content.Length / 2 ? _content : new byte[Math.Max(_content.Length * 2, held + needed)];
            _content.AsSpan(_start, held).CopyTo(content);
            _content = content;
            _start = 0;
            _end = held;
        }

        text.CopyTo(_content.AsSpan(_end));
        _end += text.Length;
    }
}
