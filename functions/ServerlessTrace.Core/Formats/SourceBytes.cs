namespace ServerlessTrace.Core.Formats;

/// <summary>A source's bytes as they are stored: counted, and with the first ones to be looked at before they are read.</summary>
internal sealed class SourceBytes(Stream source, bool leaveOpen) : Stream
{
    private readonly byte[] _peeked = new byte[4];
    private int _peekedCount;
    private int _peekedRead;

    /// <summary>What is read once more after the source's end, uncounted.</summary>
    public ReadOnlyMemory<byte> Appendix { get; set; }

    /// <summary>Whether the source has ended and its <see cref="Appendix"/> was begun.</summary>
    public bool InAppendix { get; private set; }

    /// <summary>Bytes taken from the source.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The first bytes, which are read again; fewer than four if the source is that short.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(CancellationToken cancellationToken)
    {
        _peekedCount = await source.ReadAtLeastAsync(_peeked, _peeked.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        Count += _peekedCount;
        return _peeked.AsMemory(0, _peekedCount);
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_peekedRead < _peekedCount)
        {
            int replayed = Math.Min(buffer.Length, _peekedCount - _peekedRead);
            _peeked.AsMemory(_peekedRead, replayed).CopyTo(buffer);
            _peekedRead += replayed;
            return replayed;
        }

        int read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Count += read;
        return read > 0 || Appendix.IsEmpty ? read : ReadAppendix(buffer.Span);
    }

    private int ReadAppendix(Span<byte> buffer)
    {
        InAppendix = true;
        int read = Math.Min(buffer.Length, Appendix.Length);
        Appendix.Span[..read].CopyTo(buffer);
        Appendix = Appendix[read..];
        return read;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Sources are read asynchronously.");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (!leaveOpen)
        {
            await source.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }
}
