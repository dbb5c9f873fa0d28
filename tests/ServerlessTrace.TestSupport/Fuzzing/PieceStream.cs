namespace ServerlessTrace.TestSupport.Fuzzing;

/// <summary>Delivers bytes in pieces of random sizes, at once.</summary>
internal sealed class PieceStream(ReadOnlyMemory<byte> content, Random? random) : Stream
{
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int most = random is null || random.Next(8) != 0 ? buffer.Length : random.Next(1, 64);
        int read = Math.Min(Math.Min(most, buffer.Length), content.Length - _at);
        content.Span.Slice(_at, read).CopyTo(buffer);
        _at += read;
        return read;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
