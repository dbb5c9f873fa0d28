using System.Buffers.Binary;
using System.Globalization;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Reads OTLP in protobuf, record by record, however long the messages around the records are: an
/// <c>ExportTraceServiceRequest</c>, <c>TracesData</c>, or their logs counterparts, which all have the same layout of lengths:
/// message › resource group › scope group › record.
/// <para>
/// Messages follow each other in one of two ways. The Collector's <c>file</c> exporter writes four bytes before each, its
/// length in big-endian order (opentelemetry-collector-contrib, exporter/fileexporter/file_writer.go, exportMessageAsBuffer).
/// The <c>azureblob</c> exporter in append mode writes the bare message and then its separator, a line feed by default
/// (exporter/azureblobexporter/exporter.go, consumeData). A line feed is also the tag that every message begins with.
/// </para>
/// </summary>
internal sealed unsafe class OtlpProtobufReader : FormatReader
{
    /// <summary>The tag of field 1, length-delimited: the resource groups of a message. Also a line feed.</summary>
    private const byte GroupTag = 0x0A;

    private const int FrameHeader = 4;

    // The longest tag and length that a field can begin with.
    private const int FieldHeader = 20;

    private readonly ReadLimits _limits;
    private readonly SourceStatistics _statistics;
    private readonly OtlpRecordWriter _writer;
    private readonly OtlpProtobufRecords _records;
    private readonly OtlpSignal? _expected;

    private byte* _start;
    private byte* _end;
    private long _offset;
    private bool _isLast;
    private bool _starved;
    private bool _isOver;
    private bool? _framed;
    private Level _level;
    private long _skip;

    // Where the message, resource group and scope group being read end in the source.
    private readonly long[] _ends = [long.MaxValue, 0, 0, 0];

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of resources that name none.</param>
    /// <param name="expected">What a single request is known to hold; null for a source of messages of any kind.</param>
    public OtlpProtobufReader(ReadLimits limits, SourceStatistics statistics, string service, OtlpSignal? expected = null)
    {
        _limits = limits;
        _statistics = statistics;
        _expected = expected;
        _framed = expected is null ? null : false;
        _writer = new OtlpRecordWriter(limits, statistics, service);
        _records = new OtlpProtobufRecords(limits, _writer);
    }

    /// <summary>How deep reading has come.</summary>
    private enum Level
    {
        /// <summary>Between messages, or between resource groups where nothing separates messages.</summary>
        Stream,

        /// <summary>In a message whose length was said before it.</summary>
        Message,

        /// <summary>In a resource group.</summary>
        Resource,

        /// <summary>In a scope group.</summary>
        Scope,
    }

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.OtlpProtobuf;

    /// <inheritdoc/>
    public override bool CanBeContinued => _level == Level.Stream && _skip == 0;

    /// <summary>Where and why the content turned out not to be what it should be, beyond single records; null if it did not.</summary>
    public string? Broken { get; private set; }

    /// <inheritdoc/>
    public override bool Read(SourceContent content, SpanBatch batch, out int consumed)
    {
        fixed (byte* start = content.Bytes)
        {
            _start = start;
            _end = start + content.Bytes.Length;
            _offset = content.Offset;
            _isLast = content.IsLast;
            _writer.Begin(batch);
            byte* at = Read(start, batch, out bool full);
            consumed = (int)(at - start);
            if (_isLast && at == _end && !full && (_level != Level.Stream || _skip > 0) && !_isOver)
            {
                Cut(at, "the source is cut off inside a message");
            }

            return full;
        }
    }

    private byte* Read(byte* at, SpanBatch batch, out bool full)
    {
        _starved = false;
        while (true)
        {
            full = IsFull(batch);
            if (full)
            {
                return at;
            }

            at = Skip(at);
            while (_level != Level.Stream && _skip == 0 && Position(at) >= _ends[(int)_level])
            {
                _level = _level == Level.Resource && _framed == false ? Level.Stream : _level - 1;
            }

            if (at == _end)
            {
                return at;
            }

            at = _level == Level.Stream ? ReadStream(at) : ReadField(at);
            if (_starved)
            {
                return at;
            }
        }
    }

    /// <summary>A batch waits a little for a resource that stands behind its records, so that they get its attributes.</summary>
    private bool IsFull(SpanBatch batch)
    {
        int patience = _writer.AwaitsResource && _level != Level.Stream ? 4 : 1;
        return batch.Count / patience >= _limits.SpansPerBatch || batch.ApproximateSize / patience >= _limits.BytesPerBatch;
    }

    private byte* Skip(byte* at)
    {
        long skipped = Math.Min(_skip, _end - at);
        _skip -= skipped;
        return at + skipped;
    }

    private long Position(byte* at) => _offset + (at - _start);

    private byte* Starve(byte* at)
    {
        _starved = true;
        return at;
    }

    private byte* ReadStream(byte* at)
    {
        _framed ??= OtlpProtobufDetection.IsFramed(new ReadOnlySpan<byte>(at, (int)(_end - at)));
        return _framed.Value ? ReadFrame(at) : _expected is null ? ReadUnframed(at) : ReadField(at);
    }

    private byte* ReadFrame(byte* at)
    {
        if (_end - at < FrameHeader)
        {
            return _isLast ? Cut(at, "the source is cut off inside a message's length") : Starve(at);
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(at, FrameHeader));
        if (Waits(at, FrameHeader + (long)length))
        {
            return Starve(at);
        }

        at += FrameHeader;
        if (length > 0 && at < _end && *at >> 3 == 0)
        {
            return Break(at, $"no OTLP message begins here, though one of {length} bytes was announced");
        }

        _ends[(int)Level.Message] = Position(at) + length;
        _level = Level.Message;
        return at;
    }

    private byte* ReadUnframed(byte* at)
    {
        if (*at == GroupTag && IsSeparator(at))
        {
            return _starved ? at : at + 1;
        }

        if (*at != GroupTag)
        {
            return _end - at < FieldHeader && !_isLast ? Starve(at) : Break(at, $"no OTLP message begins with the byte 0x{*at:x2}");
        }

        byte* behind = ProtobufFields.ReadVarint(at + 1, _end, out ulong length);
        return behind is not null && length < int.MaxValue && Waits(at, behind - at + (long)length) ? Starve(at) : ReadField(at);
    }

    /// <summary>
    /// Whether a line feed separates messages rather than begins a resource group. Two line feeds are also the beginning of a
    /// group of ten bytes, which cannot hold a record; where it is well formed it is taken for one, and nothing is lost either way.
    /// </summary>
    private bool IsSeparator(byte* at)
    {
        long available = _end - at;
        if (available < 2 + GroupTag && !_isLast)
        {
            _starved = available < 2 || at[1] == GroupTag;
            return _starved;
        }

        return available == 1 || (at[1] == GroupTag && !(available >= 2 + GroupTag && OtlpProtobufDetection.IsGroup(at + 2, at + 2 + GroupTag)));
    }

    /// <summary>Whether a message of moderate length should be here as a whole first: reading then stops between messages, where it can go on another time.</summary>
    private bool Waits(byte* at, long length) => !_isLast && length > _end - at && length <= _limits.RecordBytes;

    private byte* ReadField(byte* at)
    {
        long limit = _level == Level.Stream ? long.MaxValue : _ends[(int)_level] - Position(at);
        byte* end = limit < _end - at ? at + limit : _end;
        byte* value = ProtobufFields.ReadVarint(at, end, out ulong tag);
        ulong length = 0;
        if (value is not null)
        {
            switch (tag & 7)
            {
                case 0:
                    value = ProtobufFields.ReadVarint(value, end, out _);
                    break;
                case 1:
                    length = 8;
                    break;
                case 2:
                    value = ProtobufFields.ReadVarint(value, end, out length);
                    break;
                case 5:
                    length = 4;
                    break;
                default:
                    return Break(at, $"no field of an OTLP message has wire type {tag & 7}");
            }
        }

        if (value is null)
        {
            bool mayGoOn = end == _end && _end - at < FieldHeader;
            return !mayGoOn ? Break(at, "no field begins here")
                : _isLast ? Cut(at, "the source is cut off inside a field")
                : Starve(at);
        }

        if (tag < 8 || tag > uint.MaxValue || length > (ulong)(limit - (value - at)))
        {
            return Break(at, tag is < 8 or > uint.MaxValue ? "no field begins here" : $"a field of {length} bytes is longer than the message around it");
        }

        return (tag & 7) == 2 ? ReadContent(at, value, (uint)(tag >> 3), (long)length) : SkipContent(value, (long)length);
    }

    private byte* SkipContent(byte* value, long length)
    {
        _skip = length;
        return value;
    }

    private byte* ReadContent(byte* at, byte* value, uint field, long length)
    {
        switch (_level, field)
        {
            case (Level.Stream or Level.Message, 1):
                return Enter(Level.Resource, value, length);
            case (Level.Resource, 2 or 1000):
                // Field 1000 was instrumentation_library_spans between versions 0.15 and 0.19.
                return Enter(Level.Scope, value, length);
            case (Level.Resource, 1):
            case (Level.Scope, 1 or 2):
                break;
            default:
                return SkipContent(value, length);
        }

        bool isRecord = _level == Level.Scope && field == 2;
        if (length > _limits.RecordBytes)
        {
            Reject(at, $"the {What(isRecord)} is {length} bytes long, more than {_limits.RecordBytes}: split it, or raise the limit on a record's length");
            return SkipContent(value, length);
        }

        if (length > _end - value)
        {
            return _isLast ? Cut(at, $"the source is cut off inside a {What(isRecord)}: {length - (_end - value)} bytes are missing") : Starve(at);
        }

        string? fault = isRecord ? ReadRecord(value, value + length)
            : _level == Level.Resource ? _records.ReadResource(value, value + length)
            : _records.ReadScope(value, value + length);
        if (fault is not null)
        {
            Reject(at, $"{fault} (at byte {(_records.FaultAt < value ? 0 : _records.FaultAt - value)} of the {What(isRecord)})");
        }

        return value + length;
    }

    private byte* Enter(Level level, byte* value, long length)
    {
        _level = level;
        _ends[(int)level] = Position(value) + length;
        if (level == Level.Resource)
        {
            _writer.BeginResourceGroup();
        }
        else
        {
            _writer.BeginScopeGroup();
        }

        return value;
    }

    private string? ReadRecord(byte* start, byte* end)
    {
        switch (_expected ?? OtlpProtobufDetection.SignalOf(start, end))
        {
            case OtlpSignal.Logs:
                return _records.ReadLog(start, end);
            case OtlpSignal.Metrics:
                return "a metric: metrics are not read";
            default:
                return _records.ReadSpan(start, end);
        }
    }

    private string What(bool isRecord) => isRecord ? "record" : _level == Level.Resource ? "resource" : "instrumentation scope";

    /// <summary>Rejects what the source ends within.</summary>
    private byte* Cut(byte* at, string reason)
    {
        Break(at, reason);
        _isOver = true;
        return _end;
    }

    /// <summary>Rejects what is left of the innermost message of a known length; without one, of the source.</summary>
    private byte* Break(byte* at, string reason)
    {
        Broken ??= string.Create(CultureInfo.InvariantCulture, $"at byte {Position(at)}: {reason}");
        Reject(at, reason);
        _isOver = _level == Level.Stream;
        _skip = _isOver ? long.MaxValue : _ends[(int)_level] - Position(at);
        return at;
    }

    private void Reject(byte* at, string reason)
    {
        bool kept = _statistics.Rejections.Count < _limits.RejectionsKept;
        string excerpt = kept ? Convert.ToHexStringLower(new ReadOnlySpan<byte>(at, (int)Math.Min(_end - at, _limits.ExcerptLength / 2))) : string.Empty;
        _statistics.Reject(0, Position(at), reason, excerpt, _limits.RejectionsKept);
    }
}
