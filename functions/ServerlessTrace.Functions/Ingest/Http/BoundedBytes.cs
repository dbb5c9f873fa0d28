using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Pooled bytes that grow up to a limit, counted in the load.</summary>
internal sealed class BoundedBytes(IntakeLoad load, int limit, string tooLong) : IDisposable
{
    private const int SmallestRoom = 4 << 10;

    /// <summary>Room taken on a sender's word; more is taken only when so much has come.</summary>
    private const int LargestTrust = 1 << 20;

    private byte[] _bytes = [];
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">How long it probably is; 0 where nothing is known.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="RefusedPostException">It is longer than the limit, or there is no room.</exception>
    public async Task ReadAsync(Stream stream, long expected, CancellationToken cancellationToken)
    {
        if (expected > limit)
        {
            throw TooLong();
        }

        // One byte more than expected: the end is seen without growing.
        Grow((int)Math.Clamp(expected + 1, SmallestRoom, LargestTrust));
        while (true)
        {
            if (_length == _bytes.Length)
            {
                if (_length >= limit)
                {
                    // No room is taken for what is refused: where there was none, its sender would be asked to come again, forever.
                    await CheckEndAsync(stream, cancellationToken).ConfigureAwait(false);
                    return;
                }

                Grow(_bytes.Length * 2);
            }

            int read = await stream.ReadAsync(_bytes.AsMemory(_length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return;
            }

            _length += read;
            if (_length > limit)
            {
                throw TooLong();
            }
        }
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            load.Release(_bytes.Length);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
            _length = 0;
        }
    }

    private async Task CheckEndAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) > 0)
        {
            throw TooLong();
        }
    }

    private void Grow(int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            load.Reserve(larger.Length);
        }
        catch (RefusedPostException)
        {
            ArrayPool<byte>.Shared.Return(larger);
            throw;
        }

        byte[] old = _bytes;
        old.AsSpan(0, _length).CopyTo(larger);
        _bytes = larger;
        if (old.Length > 0)
        {
            load.Release(old.Length);
            ArrayPool<byte>.Shared.Return(old);
        }
    }

    private RefusedPostException TooLong() => new(StatusCodes.Status413PayloadTooLarge, tooLong);
}
