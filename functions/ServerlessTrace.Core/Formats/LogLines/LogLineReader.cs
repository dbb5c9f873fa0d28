using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>
/// Reads what container runtimes, log shippers and log stores make of logs: lines of text, JSON objects and documents that wrap records
/// (<see cref="LogPeeler"/>). Joins lines that a container runtime split, and gives each record to the reader of what it is.
/// </summary>
internal sealed unsafe class LogLineReader : JsonRecordReader, ILogSink
{
    private const int Wrapper = 1;
    private const int Columns = 2;
    private const int Rows = 3;
    private const int Row = 4;
    private const int Values = 5;
    private const int Pair = 6;
    private const int Labels = 7;

    /// <summary>
    /// A document that is longer is read record by record as it comes; a shorter one as a whole, so that the order of its fields does not matter.
    /// </summary>
    private const int LongestWhole = 1 << 20;

    /// <summary>Docker splits lines at this length; a shorter text that does not end its line is a whole line all the same.</summary>
    private const int DockerPart = 16 << 10;

    private const int MostOrigins = 256;

    private const int MostLinesOfDocument = 4096;

    private readonly LogPeeler _peeler;
    private readonly PeeledSource _peeled;
    private readonly Dictionary<ulong, PartialLine> _parts = [];
    private readonly ArrayBufferWriter<byte> _written = new();
    private LogColumns? _columns;
    private Envelope _labels;
    private LogPlace _place;
    private int _decided;
    private byte* _value;
    private int _length;
    private int _visited;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="readerOf">Makes the readers of what is found, which look for no wrappers.</param>
    public LogLineReader(ReadLimits limits, SourceStatistics statistics, Func<SourceFormat, SourceStatistics, IEnvelopes?, FormatReader> readerOf)
        : base(limits, statistics)
    {
        _peeled = new PeeledSource(readerOf);
        _peeler = new LogPeeler(this);
    }

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.LogLines;

    /// <inheritdoc/>
    public override bool CanBeContinued => base.CanBeContinued && _parts.Count == 0 && _peeled.Length == 0;

    /// <inheritdoc/>
    protected override bool TakesLines => true;

    /// <summary>Reads records out of content that is all here.</summary>
    public void ReadAll(SourceContent content, SpanBatch batch)
    {
        while (Read(content, batch, out int consumed))
        {
            content = new SourceContent(content.Bytes[consumed..], content.Offset + consumed, content.IsLast);
        }
    }

    /// <inheritdoc/>
    public override bool Read(SourceContent content, SpanBatch batch, out int consumed)
    {
        consumed = 0;
        if (_peeled.Length > 0 && _peeled.Read(batch, Statistics, isLast: false, Limits.RejectionsKept))
        {
            return true;
        }

        base.Read(content, batch, out consumed);
        if (content.IsLast)
        {
            FlushParts();
        }

        return (_peeled.Length > 0 || content.IsLast) && _peeled.Read(batch, Statistics, content.IsLast, Limits.RejectionsKept);
    }

    /// <inheritdoc/>
    protected override JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner)
    {
        inner = place;
        bool isArray = value[0] == '[';
        if (place is Rows or Values)
        {
            inner = place == Rows ? Row : Pair;
            return isArray ? JsonHandling.Record : JsonHandling.Skip;
        }

        ContainerRole role = place == Wrapper && !key.IsEmpty ? ContainerNames.RoleOf(key).Role : ContainerRole.Records;
        if (isArray)
        {
            (inner, JsonHandling handling) = role switch
            {
                _ when place == Root && OpenArrays > 0 => (Root, LogText.LooksLikeJson(value) ? JsonHandling.Enter : JsonHandling.Skip),
                _ when place == Root => (Root, DecideArray(value, isLast)),
                ContainerRole.Columns => (Columns, JsonHandling.Record),
                ContainerRole.Rows => (Rows, JsonHandling.Enter),
                ContainerRole.Values => (Values, JsonHandling.Enter),
                ContainerRole.Context => (place, JsonHandling.Skip),
                _ => (Wrapper, JsonHandling.Enter),
            };
            return handling;
        }

        if (value[0] != '{')
        {
            return JsonHandling.Skip;
        }

        if (!key.IsEmpty)
        {
            inner = role == ContainerRole.Origin ? Labels : Wrapper;
            return role == ContainerRole.Origin ? JsonHandling.Record : role == ContainerRole.Records ? JsonHandling.Enter : JsonHandling.Skip;
        }

        JsonHandling of = DecideObject(value, isLast);
        inner = of == JsonHandling.Enter ? Wrapper : Root;
        return of;
    }

    /// <inheritdoc/>
    protected override byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault)
    {
        fault = null;
        byte* end = place == Root && _decided > 0 ? at + _decided : Json.SkipValue(at, 1);
        _decided = 0;
        if (end is null)
        {
            return null;
        }

        ReadOnlySpan<byte> value = new(at, (int)(end - at));
        Begin(value);
        switch (place)
        {
            case Columns:
                _columns = new LogColumns(value);
                break;
            case Row:
                _peeler.PeelRow(_columns ?? new LogColumns("[]"u8), value, in _labels);
                break;
            case Pair:
                _peeler.PeelPair(value, in _labels);
                break;
            case Labels:
                byte[] labels = [.. "{\"stream\":"u8, .. value, (byte)'}'];
                _ = TextLine.TryRead(value, out Envelope named);
                _labels = _labels with { Service = ServiceSearch.Find(labels), TraceId = named.TraceId, SpanId = named.SpanId };
                break;
            default:
                _peeler.PeelValue(value, in _labels, 0);
                break;
        }

        _value = null;
        return end;
    }

    /// <inheritdoc/>
    protected override void ReadLine(ReadOnlySpan<byte> line)
    {
        _place = new LogPlace { Line = Line, Offset = RecordOffset };
        if (!_peeler.PeelLine(line, in _labels, 0))
        {
            Reject(line, "the line is not JSON: a record is an object in braces; and it names no trace");
        }
    }

    /// <inheritdoc/>
    protected override void Left(int place, SpanBatch batch)
    {
        _labels = default;
        _columns = place == Wrapper ? null : _columns;
    }

    void ILogSink.Visit(ReadOnlySpan<byte> value)
    {
        byte* at = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(value));
        if (_value is not null && at >= _value + _visited && at < _value + _length)
        {
            int to = (int)(at - _value);
            long lines = new ReadOnlySpan<byte>(_value + _visited, to - _visited).Count((byte)'\n');
            _place = _place with { Line = _place.Line + lines, Offset = _place.Offset + to - _visited };
            _visited = to;
        }
    }

    void ILogSink.TakeRecord(ReadOnlySpan<byte> record, in Envelope envelope) => _peeled.Add(record, _place with { Envelope = envelope });

    void ILogSink.TakePart(ReadOnlySpan<byte> part, bool? goesOn, ulong origin, in Envelope envelope, int depth)
    {
        bool ends = part.EndsWith("\n"u8);
        ReadOnlySpan<byte> text = part.TrimEnd("\r\n"u8);
        if (!_parts.TryGetValue(origin, out PartialLine? before))
        {
            if (text.Length == 1 && text[0] is (byte)'{' or (byte)'[')
            {
                BeginPart(text, origin, in envelope, isDocument: true);
                return;
            }

            bool begins = goesOn ?? (!ends && (LogText.LooksLikeJson(text) ? !IsWhole(text) : text.Length >= DockerPart));
            if (begins)
            {
                BeginPart(text, origin, in envelope);
            }
            else
            {
                Peel(text, in envelope, depth);
            }

            return;
        }

        if (before.Lines is not null)
        {
            AddLine(text, goesOn == true, origin, before, in envelope, depth);
            return;
        }

        if (goesOn != true && IsWhole(text))
        {
            // A record by itself: what came before never got its rest.
            Flush(origin, before);
            Peel(text, in envelope, depth);
            return;
        }

        bool fits = before.TryAdd(text, Limits.RecordBytes);
        if (!fits || (goesOn != true && (goesOn == false || ends || IsWhole(before.Content))))
        {
            Flush(origin, before);
        }
    }

    void ILogSink.Reject(ReadOnlySpan<byte> content, string reason) => Reject(content, reason);

    private JsonHandling DecideArray(ReadOnlySpan<byte> value, bool isLast)
    {
        bool isOpen = value.TrimStart(" \t\r\n["u8).IsEmpty && !isLast && value.Length <= Limits.RecordBytes;
        return isOpen ? JsonHandling.Undecided : LogText.LooksLikeJson(value) ? JsonHandling.Enter : JsonHandling.Line;
    }

    private JsonHandling DecideObject(ReadOnlySpan<byte> value, bool isLast)
    {
        int most = Math.Min(LongestWhole, Limits.RecordBytes);
        int length = 0;
        JsonValueScan.Outcome outcome = new JsonValueScan(ownLine: false).Scan(value, ref length, isLast);
        if (outcome == JsonValueScan.Outcome.Unfinished && !isLast && value.Length <= most)
        {
            return JsonHandling.Undecided;
        }

        // What is broken in a list costs that record only, if the list is read record by record.
        bool isWhole = outcome == JsonValueScan.Outcome.Ended;
        bool isShort = isWhole && length <= most;
        _decided = isWhole ? length : 0;
        if (isShort && !value[..length].Contains((byte)'['))
        {
            return JsonHandling.Record;
        }

        Container container = Container.Of(isWhole ? value[..length] : value, isWhole);
        return container.OpensList && (container.IsBroken || !isShort) ? JsonHandling.Enter : JsonHandling.Record;
    }

    private void Begin(ReadOnlySpan<byte> value)
    {
        _value = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(value));
        _length = value.Length;
        _visited = 0;
        _place = new LogPlace { Line = Line, Offset = RecordOffset };
    }

    private static bool IsWhole(ReadOnlySpan<byte> text)
    {
        int length = 0;
        return LogText.LooksLikeJson(text)
            && new JsonValueScan(ownLine: false).Scan(text, ref length, isLast: true) == JsonValueScan.Outcome.Ended
            && text[length..].IndexOfAnyExcept(" \t\r\n"u8) < 0;
    }

    /// <summary>Adds a line to a document that a brace alone on its line began; a brace alone and not indented ends it.</summary>
    private void AddLine(ReadOnlySpan<byte> text, bool goesOn, ulong origin, PartialLine document, in Envelope envelope, int depth)
    {
        bool isClosing = text.Length is 1 or 2 && text[0] is (byte)'}' or (byte)']';
        if (!isClosing && LogText.LooksLikeJson(text) && text[0] is (byte)'{' or (byte)'[')
        {
            // The next record: the document has no end.
            Flush(origin, document);
            ((ILogSink)this).TakePart(text, goesOn: false, origin, in envelope, depth);
            return;
        }

        document.Lines!.Add((_place with { Envelope = envelope }, document.Content.Length));
        bool fits = document.TryAdd(text, Limits.RecordBytes) && document.TryAdd(goesOn ? default : "\n"u8, Limits.RecordBytes);
        if (!fits || isClosing || document.Lines.Count == MostLinesOfDocument)
        {
            Flush(origin, document);
        }
    }

    private void BeginPart(ReadOnlySpan<byte> text, ulong origin, in Envelope envelope, bool isDocument = false)
    {
        if (_parts.Count == MostOrigins)
        {
            FlushParts();
        }

        PartialLine part = new(_place with { Envelope = envelope }, isDocument);
        part.TryAdd(text, Limits.RecordBytes);
        _parts.Add(origin, part);
    }

    private void FlushParts()
    {
        foreach ((ulong origin, PartialLine part) in _parts.ToArray())
        {
            Flush(origin, part);
        }
    }

    private void Flush(ulong origin, PartialLine part)
    {
        _parts.Remove(origin);
        LogPlace now = _place;
        List<(LogPlace Place, int Start)> lines = part.Lines is null || IsWhole(part.Content) ? [(part.Place, 0)] : part.Lines;
        for (int i = 0; i < lines.Count; i++)
        {
            _place = lines[i].Place;
            int end = i + 1 < lines.Count ? lines[i + 1].Start : part.Content.Length;
            Peel(part.Content[lines[i].Start..end].TrimEnd("\n"u8), lines[i].Place.Envelope, 1);
        }

        _place = now;
    }

    private void Peel(ReadOnlySpan<byte> text, in Envelope envelope, int depth)
    {
        if (_peeler.Peel(text, in envelope, depth + 1) || text.IsEmpty)
        {
            return;
        }

        if (!envelope.TraceId.IsZero)
        {
            // What wraps the text names its trace.
            ((ILogSink)this).TakeRecord(TextLine.AsRecord(text, in envelope, _written), in envelope);
        }
        else
        {
            Reject(text, "the line that was logged is not JSON: a record is an object in braces; and it names no trace");
        }
    }

    private void Reject(ReadOnlySpan<byte> content, string reason)
    {
        string excerpt = Statistics.Rejections.Count < Limits.RejectionsKept ? Excerpt.Of(content, Limits.ExcerptLength) : string.Empty;
        Statistics.Reject(_place.Line, _place.Offset, reason, excerpt, Limits.RejectionsKept);
    }
}
