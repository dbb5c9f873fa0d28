using System.Runtime.InteropServices;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>The records that were found in wrappers, one a line, on their way to the readers of their formats.</summary>
internal sealed class PeeledSource : IEnvelopes
{
    private const int InitialLength = 64 << 10;

    private readonly SourceStatistics _found = new();
    private readonly List<LogPlace> _places = [];
    private readonly FormatSwitch _reader;
    private byte[] _content = new byte[InitialLength];
    private int _start;
    private int _end;
    private long _offset;
    private long _firstLine = 1;

    /// <summary>No records yet.</summary>
    /// <param name="readerOf">Makes the reader of a format.</param>
    public PeeledSource(Func<SourceFormat, SourceStatistics, IEnvelopes?, FormatReader> readerOf) =>
        _reader = new FormatSwitch(SourceFormat.SpanLog, format => readerOf(format, _found, this));

    /// <summary>Bytes that wait to be read.</summary>
    public int Length => _end - _start;

    /// <inheritdoc/>
    public ref readonly Envelope Of(long line)
    {
        ReadOnlySpan<LogPlace> places = CollectionsMarshal.AsSpan(_places);
        return ref places[(int)Math.Clamp(line - _firstLine, 0, places.Length - 1)].Envelope;
    }

    /// <summary>Adds a record.</summary>
    public void Add(ReadOnlySpan<byte> record, in LogPlace place)
    {
        int needed = record.Length + 1 + JsonScanner.Slack;
        if (_end + needed > _content.Length)
        {
            int held = _end - _start;
            byte[] content = held + needed <= _content.Length / 2 ? _content : new byte[Math.Max(_content.Length * 2, held + needed)];
            _content.AsSpan(_start, held).CopyTo(content);
            _content = content;
            _start = 0;
            _end = held;
        }

        Span<byte> line = _content.AsSpan(_end, record.Length);
        record.CopyTo(line);
        if (line.ContainsAny((byte)'\n', (byte)'\r'))
        {
            // JSON has line breaks between its tokens only.
            line.Replace((byte)'\n', (byte)' ');
            line.Replace((byte)'\r', (byte)' ');
        }

        _content[_end + record.Length] = (byte)'\n';
        _end += record.Length + 1;
        _places.Add(place);
    }

    /// <summary>Reads the records, as far as the batch may grow; true if it is full.</summary>
    /// <param name="batch">Where they go.</param>
    /// <param name="statistics">Where they are counted.</param>
    /// <param name="isLast">Whether no more records follow.</param>
    /// <param name="rejectionsKept">How many rejections are kept.</param>
    public bool Read(SpanBatch batch, SourceStatistics statistics, bool isLast, int rejectionsKept)
    {
        _content[_end] = 0;
        bool full = _reader.Read(new SourceContent(_content.AsSpan(_start, _end - _start), _offset, isLast), batch, out int read);
        _start += read;
        _offset += read;
        statistics.Take(_found, PlaceOf, rejectionsKept);
        int done = _start == _end ? _places.Count : (int)Math.Clamp(_reader.Line - _firstLine, 0, _places.Count);
        if (done > 4096 || _start == _end)
        {
            _places.RemoveRange(0, done);
            _firstLine += done;
        }

        if (_start == _end)
        {
            _start = 0;
            _end = 0;
        }

        return full;
    }

    private LogPlace PlaceOf(long line) => _places.Count == 0 ? default : _places[(int)Math.Clamp(line - _firstLine, 0, _places.Count - 1)];
}
