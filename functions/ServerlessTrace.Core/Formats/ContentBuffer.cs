using System.Buffers;
using ServerlessTrace.Core.Formats.Json;

namespace ServerlessTrace.Core.Formats;

/// <summary>Content between the stream that delivers it and the reader that takes it; pooled memory that grows with the longest record.</summary>
internal sealed class ContentBuffer(long offset = 0) : IDisposable
{
    /// <summary>Fits the second-level cache together with what a batch touches.</summary>
    private const int InitialLength = 256 << 10;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(InitialLength);
    private int _start;
    private int _end;

    /// <summary>Where the first byte of <see cref="Content"/> stands in the source.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>Bytes not yet consumed, followed by a zero byte and the slack that scanners ask for.</summary>
    public ReadOnlySpan<byte> Content
    {
        get
        {
            _bytes[_end] = 0;
            return _bytes.AsSpan(_start, _end - _start);
        }
    }

    /// <summary>How many bytes are not yet consumed.</summary>
    public int Length => _end - _start;

    /// <summary>Room behind the content, at least half of the buffer or as much again as it holds.</summary>
    public Memory<byte> Room()
    {
        int capacity = _bytes.Length - JsonScanner.Slack;
        if (_start > 0 && capacity - _end < capacity / 2)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }

        if (_end == capacity)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
            _bytes.AsSpan(_start, _end - _start).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
            _end -= _start;
            _start = 0;
            capacity = _bytes.Length - JsonScanner.Slack;
        }

        return _bytes.AsMemory(_end, capacity - _end);
    }

    /// <summary>Takes over bytes that were written into the <see cref="Room"/>.</summary>
    public void Written(int count) => _end += count;

    /// <summary>Gives up bytes from the front.</summary>
    public void Consume(int count)
    {
        _start += count;
        Offset += count;
        if (_start == _end)
        {
            _start = 0;
            _end = 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }
}
