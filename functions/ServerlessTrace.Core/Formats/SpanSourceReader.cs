using ServerlessTrace.Core.Formats.AzureMonitor;
using ServerlessTrace.Core.Formats.Compression;
using ServerlessTrace.Core.Formats.Datadog;
using ServerlessTrace.Core.Formats.ElasticApm;
using ServerlessTrace.Core.Formats.Jaeger;
using ServerlessTrace.Core.Formats.LogLines;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Formats.SdkConsole;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Formats.XRay;
using ServerlessTrace.Core.Formats.Zipkin;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats;

/// <summary>
/// Reads one source (a file, a blob, a request or message body) batch by batch. Format and compression are detected from
/// the content. A record that cannot be read becomes a <see cref="Rejection"/> and never ends the source.
/// Not thread-safe.
/// </summary>
public sealed class SpanSourceReader : IAsyncDisposable
{
    // A decompressor loses what it had written when it finds corruption: small steps lose little.
    private const int DecompressionStep = 4 << 10;

    // Short sources may be compressed to any ratio; a bomb is one that is long as well.
    private const long HarmlessLength = 64 << 20;

    private readonly ReadLimits _limits;
    private readonly string _sourceName;
    private readonly SourceBytes _source;
    private readonly ContentBuffer _buffer;
    private readonly SourcePart _part;
    private readonly GzipEnd _gzipEnd = new();
    private Stream? _content;
    private FormatReader? _reader;
    private Utf16Content? _utf16;
    private long _stopAt;
    private bool _ended;

    /// <summary>Reads from a stream.</summary>
    /// <param name="source">Where the bytes come from; disposed with this reader unless <paramref name="leaveOpen"/>.</param>
    /// <param name="sourceName">
    /// What the source is called, such as <c>logs/payment-service.ndjson.gz</c>: its base name is the service of records that name none.
    /// </param>
    /// <param name="limits">Bounds on what is taken; the defaults if null.</param>
    /// <param name="leaveOpen">Whether the stream outlives this reader.</param>
    /// <param name="part">Which part of the source the stream is; all of it if null.</param>
    public SpanSourceReader(Stream source, string sourceName, ReadLimits? limits = null, bool leaveOpen = false, SourcePart? part = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sourceName);
        _source = new SourceBytes(source, leaveOpen);
        _sourceName = sourceName;
        _limits = limits ?? new ReadLimits();
        _part = part ?? SourcePart.Whole;
        _stopAt = Math.Max(_part.StopAfter, FormatDetection.PrefixLength);
        _buffer = new ContentBuffer(_part.From.Offset);
        Position = _part.From;
    }

    /// <summary>What was found so far; complete once <see cref="ReadBatchAsync"/> returned false or threw.</summary>
    public SourceStatistics Statistics { get; } = new();

    /// <summary>Which part of the source this reader was given.</summary>
    public SourcePart Part => _part;

    /// <summary>How far the source is done with, once <see cref="ReadBatchAsync"/> returned false or threw: where the next part begins.</summary>
    /// <remarks>In compressed content there is no place to go on from but the end of a whole gzip member or zstd frame.</remarks>
    public SourcePosition Position { get; private set; }

    /// <summary>Whether content is left over that waits for what follows it.</summary>
    public bool IsWaiting => _part.MoreMayFollow && (_buffer.Length > 0 || _utf16 is not null || Statistics.Failure is not null || _reader is { CanBeContinued: false });

    /// <summary>
    /// Reads one queue message: plain or base64, bare span logs or an envelope with <c>headers</c> and <c>body</c>.
    /// </summary>
    /// <param name="body">The message as it was delivered.</param>
    /// <param name="sourceName">The queue's or producer's name: the service of records that name none.</param>
    /// <param name="limits">Bounds on what is taken; the defaults if null.</param>
    public static SpanSourceReader ForMessage(ReadOnlyMemory<byte> body, string sourceName, ReadLimits? limits = null) =>
        new(new MemoryStream(MessageEncoding.Decode(body).ToArray(), writable: false), sourceName, limits);

    /// <summary>
    /// Appends records to a batch, which the caller clears, until it is as big as <see cref="ReadLimits"/> says or the source ends.
    /// </summary>
    /// <returns>False when the source has ended and nothing was added.</returns>
    /// <exception cref="ArgumentException">The batch is as big already: nothing would ever be added to it.</exception>
    /// <exception cref="UnreadableSourceException">
    /// The format is unknown, the compression corrupt, or a limit exceeded. Everything readable before it was returned by earlier calls.
    /// </exception>
    public async ValueTask<bool> ReadBatchAsync(SpanBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_limits.IsFull(batch))
        {
            throw new ArgumentException("The batch is full: clear it before more is read into it.", nameof(batch));
        }

        int before = batch.Count;
        if (_content is null)
        {
            await BeginAsync(cancellationToken).ConfigureAwait(false);
        }

        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ReadContent(batch))
            {
                return true;
            }

            if (_ended || IsAtStop())
            {
                End();
                return batch.Count > before || (Statistics.Failure is { } failure ? throw new UnreadableSourceException(failure) : false);
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives buffers back and, unless told to leave it open, closes the stream.</summary>
    public async ValueTask DisposeAsync()
    {
        _buffer.Dispose();
        if (_content is not null && _content != _source)
        {
            await _content.DisposeAsync().ConfigureAwait(false);
        }

        await _source.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Whether there are places in the source to go on from: none are known in content that was converted.</summary>
    private bool CanBePart => _content == _source && _utf16 is null;

    private bool ReadContent(SpanBatch batch)
    {
        if (_reader is null)
        {
            return false;
        }

        bool isLast = _ended && !_part.MoreMayFollow;
        bool full = _reader.Read(new SourceContent(_buffer.Content, _buffer.Offset, isLast), batch, out int consumed);
        _buffer.Consume(consumed);
        if (CanBePart && _reader.CanBeContinued && Statistics.Records + Statistics.Rejected > 0)
        {
            Position = PositionAt(_buffer.Offset);
        }

        return full;
    }

    /// <summary>Whether the part ends here; one in which no record ended is made longer instead.</summary>
    private bool IsAtStop()
    {
        if (!CanBePart || Statistics.DecompressedBytes < _stopAt)
        {
            return false;
        }

        if (Position.Offset > _part.From.Offset && _reader!.CanBeContinued)
        {
            return true;
        }

        _stopAt += Math.Max(_part.StopAfter, FormatDetection.PrefixLength);
        return false;
    }

    /// <summary>Settles how far the source is done with when it ended for good, or with the end of compressed content.</summary>
    private void End()
    {
        if (_ended && _reader is not null && _part is { MoreMayFollow: false, From.Offset: 0 } && Statistics is { Records: 0, Failure: null })
        {
            Statistics.Failure = Statistics.Rejected == 0
                ? "The source holds no span and no event: send records with a trace id."
                : $"None of the source's {Statistics.Rejected} record(s) can be used, the first because of: {(Statistics.Rejections is [var first, ..] ? first.Reason : "see the limits")}";
        }

        bool isEndOfCompression = _content != _source && !IsWaiting && Statistics.Records + Statistics.Rejected > 0;
        if (_ended && (!_part.MoreMayFollow || isEndOfCompression))
        {
            Position = PositionAt(_part.From.Offset + Statistics.Bytes);
        }
    }

    private SourcePosition PositionAt(long offset) =>
        new(offset, _reader?.Line ?? _part.From.Line, _reader?.OpenArrays ?? 0, _reader?.Format ?? Statistics.Format, Statistics.Compression);

    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> first = await _source.PeekAsync(cancellationToken).ConfigureAwait(false);
        bool isPlain = _part.From.Offset > 0 && _part.From.Compression == SourceCompression.None;
        Statistics.Compression = isPlain ? SourceCompression.None : Decompression.Detect(first.Span);
        _source.Appendix = Statistics.Compression == SourceCompression.Gzip ? GzipEnd.Member : default;
        _content = Decompression.Open(Statistics.Compression, _source, _limits);

        await FillToAsync(FormatDetection.PrefixLength, cancellationToken).ConfigureAwait(false);
        if (_part.From.Offset == 0 && _buffer.Content.StartsWith(FormatDetection.ByteOrderMark))
        {
            _buffer.Consume(FormatDetection.ByteOrderMark.Length);
        }

        Statistics.Format = _part.From.Format != SourceFormat.Unknown ? _part.From.Format : await DetectAsync(cancellationToken).ConfigureAwait(false);
        _reader = Statistics.Format == SourceFormat.Unknown ? null : new FormatSwitch(Statistics.Format, ReaderOf);
        if (_reader is not null && _part.From != SourcePosition.Start)
        {
            _reader.Line = _part.From.Line;
            _reader.OpenArrays = _part.From.OpenArrays;
        }
    }

    private void BeginUtf16()
    {
        _utf16 = Utf16Content.Of(_buffer.Content);
        if (_utf16 is not null)
        {
            byte[] content = _buffer.Content.ToArray();
            _buffer.Consume(content.Length);
            for (int at = 0; at < content.Length; at += _utf16.Room.Length)
            {
                _utf16.Write(content.AsSpan(at, Math.Min(_utf16.Room.Length, content.Length - at)), _buffer, isLast: false);
            }
        }
    }

    private LogLineReader PeelerOf(ReadLimits limits, SourceStatistics statistics) =>
        new(limits, statistics, (format, found, envelopes) => ReaderOf(limits, format, found, envelopes));

    private FormatReader ReaderOf(SourceFormat format) => format switch
    {
        SourceFormat.LogLines => PeelerOf(_limits, Statistics),
        SourceFormat.SpanLog => new SpanLogReader(_limits, Statistics, SourceName.Service(_sourceName), peelerOf: PeelerOf),
        _ => ReaderOf(_limits, format, Statistics),
    };

    private FormatReader ReaderOf(ReadLimits limits, SourceFormat format, SourceStatistics statistics, IEnvelopes? envelopes = null)
    {
        string service = SourceName.Service(_sourceName);
        return format switch
        {
            SourceFormat.OtlpJson => new OtlpJsonReader(limits, statistics, service),
            SourceFormat.OtlpProtobuf => new OtlpProtobufReader(limits, statistics, service),
            SourceFormat.Zipkin => new ZipkinReader(limits, statistics, service),
            SourceFormat.Jaeger => new JaegerReader(limits, statistics, service),
            SourceFormat.AzureMonitor => new AzureMonitorReader(limits, statistics, service),
            SourceFormat.SdkConsole => new SdkConsoleReader(limits, statistics, service),
            SourceFormat.JavaScriptConsole => new JavaScriptConsoleReader(limits, statistics, service),
            SourceFormat.DotNetConsole => new DotNetConsoleReader(limits, statistics, service),
            SourceFormat.XRay => new XRayReader(limits, statistics, service),
            SourceFormat.ElasticApm => new ElasticApmReader(limits, statistics, service),
            SourceFormat.Datadog => new DatadogReader(limits, statistics, service),
            _ => new SpanLogReader(limits, statistics, service, envelopes: envelopes),
        };
    }

    /// <summary>Detects the format, of a first object that is longer than the prefix by as much of it as a record may be long.</summary>
    private async ValueTask<SourceFormat> DetectAsync(CancellationToken cancellationToken)
    {
        int length = FormatDetection.PrefixLength;
        while (true)
        {
            SourceFormat format = Detect(length, out bool needsMore);
            if (!needsMore || _ended || length >= _limits.RecordBytes)
            {
                return format;
            }

            length *= 2;
            await FillToAsync(length, cancellationToken).ConfigureAwait(false);
        }
    }

    private SourceFormat Detect(int length, out bool needsMore)
    {
        ReadOnlySpan<byte> content = _buffer.Content;
        try
        {
            return FormatDetection.Detect(content[..Math.Min(content.Length, length)], out needsMore);
        }
        catch (UnreadableSourceException unreadable)
        {
            needsMore = false;
            _ended = true;
            if (!_part.MoreMayFollow || content.Length >= FormatDetection.PrefixLength)
            {
                Statistics.Failure ??= unreadable.Message;
            }

            return SourceFormat.Unknown;
        }
    }

    private async ValueTask FillToAsync(int length, CancellationToken cancellationToken)
    {
        while (!_ended && _buffer.Length < length)
        {
            await FillAsync(cancellationToken).ConfigureAwait(false);
            if (_reader is null && _part.From.Offset == 0 && _utf16 is null && _buffer.Length >= 2)
            {
                BeginUtf16();
            }
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        Memory<byte> room = _utf16?.Room ?? _buffer.Room();
        long before = Statistics.DecompressedBytes;
        if (_content == _source)
        {
            int wanted = _utf16 is null ? (int)Math.Min(room.Length, _stopAt - before) : room.Length;
            int read = await _content.ReadAsync(room[..wanted], cancellationToken).ConfigureAwait(false);
            _ended = read == 0;
            Count(read);
        }
        else
        {
            await FillFromDecompressionAsync(room, cancellationToken).ConfigureAwait(false);
        }

        _utf16?.Write(room.Span[..(int)(Statistics.DecompressedBytes - before)], _buffer, _ended);
    }

    private async ValueTask FillFromDecompressionAsync(Memory<byte> room, CancellationToken cancellationToken)
    {
        try
        {
            await DecompressAsync(room, cancellationToken).ConfigureAwait(false);
            if (_ended && _source.InAppendix && !_gzipEnd.IsWhole)
            {
                FailDecompression("its last member has no end");
            }
        }
        catch (Exception corrupt) when (Decompression.IsCorruption(corrupt))
        {
            _ended = true;
            FailDecompression(_source.InAppendix ? "its last member has no end" : corrupt.Message);
        }
    }

    private async ValueTask DecompressAsync(Memory<byte> room, CancellationToken cancellationToken)
    {
        int total = 0;
        while (!_ended && total < room.Length)
        {
            Memory<byte> step = room.Slice(total, Math.Min(DecompressionStep, room.Length - total));
            int read = await _content!.ReadAsync(step, cancellationToken).ConfigureAwait(false);
            _ended = read == 0;
            if (_source.InAppendix)
            {
                _gzipEnd.Take(step.Span[..read]);
            }
            else
            {
                total += read;
                Count(read);
            }
        }
    }

    private void FailDecompression(string what)
    {
        Statistics.Bytes = _source.Count;
        Statistics.Failure ??= $"The source's {Decompression.Name(Statistics.Compression)} compression is corrupt or cut off after {Statistics.DecompressedBytes} bytes of content ({what}): "
            + "what came before is kept; compress it and send it again.";
    }

    private void Count(int read)
    {
        if (_utf16 is null)
        {
            _buffer.Written(read);
        }

        Statistics.Bytes = _source.Count;
        Statistics.DecompressedBytes += read;
        if (Statistics.DecompressedBytes > _limits.DecompressedBytes)
        {
            _ended = true;
            Statistics.Failure = $"The source is longer than {_limits.DecompressedBytes} bytes when decompressed: split it, or raise the limit; what came before is kept.";
        }
        else if (Statistics.DecompressedBytes > HarmlessLength && Statistics.DecompressedBytes / _limits.DecompressionRatio > Statistics.Bytes)
        {
            _ended = true;
            Statistics.Failure = $"The source decompresses to more than {_limits.DecompressionRatio} times its length, as a decompression bomb does: "
                + "send it less compressed, or raise the limit; what came before is kept.";
        }
    }
}
