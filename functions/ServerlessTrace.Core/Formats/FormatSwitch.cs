using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats;

/// <summary>
/// Reads a source whose records may be of several formats, as a container's log is: each format's reader reads up to the first record
/// that only another one can read.
/// </summary>
internal sealed class FormatSwitch : FormatReader
{
    private readonly Func<SourceFormat, FormatReader> _readerOf;
    private readonly Dictionary<SourceFormat, FormatReader> _readers = [];
    private FormatReader _reader;

    /// <summary>A reader that begins with a format.</summary>
    /// <param name="first">The format of the first record.</param>
    /// <param name="readerOf">Makes the reader of a format.</param>
    public FormatSwitch(SourceFormat first, Func<SourceFormat, FormatReader> readerOf)
    {
        _readerOf = readerOf;
        _reader = ReaderOf(first);
    }

    /// <summary>The format of the records that come next.</summary>
    public override SourceFormat Format => _reader.Format;

    /// <inheritdoc/>
    public override bool CanBeContinued => _reader.CanBeContinued;

    /// <inheritdoc/>
    public override long Line
    {
        get => _reader.Line;
        set => _reader.Line = value;
    }

    /// <inheritdoc/>
    public override int OpenArrays
    {
        get => _reader.OpenArrays;
        set => _reader.OpenArrays = value;
    }

    /// <inheritdoc/>
    public override bool Read(SourceContent content, SpanBatch batch, out int consumed)
    {
        consumed = 0;
        while (true)
        {
            bool full = _reader.Read(new SourceContent(content.Bytes[consumed..], content.Offset + consumed, content.IsLast), batch, out int read);
            consumed += read;
            if (full || _reader.Foreign == SourceFormat.Unknown)
            {
                return full;
            }

            FormatReader next = ReaderOf(_reader.Foreign);
            next.Line = _reader.Line;
            next.OpenArrays = _reader.OpenArrays;
            next.LeftTo = content.Offset + consumed;
            _reader = next;
        }
    }

    private FormatReader ReaderOf(SourceFormat format)
    {
        if (!_readers.TryGetValue(format, out FormatReader? reader))
        {
            reader = _readerOf(format);
            reader.LeavesForeignRecords = true;
            _readers.Add(format, reader);
        }

        return reader;
    }
}
