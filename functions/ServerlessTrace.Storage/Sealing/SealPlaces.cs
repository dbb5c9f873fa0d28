using System.Threading.RateLimiting;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>
/// Bounds how much sealers have in memory at once: activities may be many more than there are cores, and most of them then wait here for others.
/// </summary>
internal sealed class SealPlaces : IDisposable
{
    /// <summary>Packed bytes that are unpacked together, to some 15 times as much.</summary>
    public const int PackedBytesPerSlice = 512 << 10;

    /// <summary>A shard with more has a backlog: such ones take turns.</summary>
    public const int PackedBytesOfBacklog = 1 << 20;

    private const int ShardsAtOnce = 8;

    // One for the process, as its memory is.
    private static readonly SemaphoreSlim Places = new(ShardsAtOnce, ShardsAtOnce);

    private readonly SemaphoreSlim[] _turns = [.. Shard.All.Select(_ => new SemaphoreSlim(1, 1))];
    private readonly SemaphoreSlim _backlog = new(1, 1);

    // A permit is a packed byte. However many shards are looked at, as much is unpacked at once as there are cores to work on it.
    private readonly ConcurrencyLimiter _unpacked = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = PackedBytesPerSlice * Math.Max(2, Environment.ProcessorCount),
        QueueLimit = int.MaxValue,
    });

    /// <summary>Waits for the shard's turn, since two looks at once would do the same work twice, rightly but for nothing; and for a place.</summary>
    /// <returns>The place, to be given back by disposing of it.</returns>
    public async Task<IDisposable> TakeAsync(Shard shard, CancellationToken cancellationToken)
    {
        SemaphoreSlim turn = _turns[shard.Number];
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Places.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            turn.Release();
            throw;
        }

        return new Taken(Places, turn);
    }

    /// <summary>Waits until no other shard with a backlog is worked on.</summary>
    public async Task<IDisposable> TakeBacklogAsync(CancellationToken cancellationToken)
    {
        await _backlog.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Taken(_backlog);
    }

    /// <summary>Waits for room to unpack so many bytes, <see cref="PackedBytesPerSlice"/> at most.</summary>
    public async Task<IDisposable> TakeRoomAsync(int packedBytes, CancellationToken cancellationToken) =>
        await _unpacked.AcquireAsync(packedBytes, cancellationToken).ConfigureAwait(false);

    public void Dispose()
    {
        _unpacked.Dispose();
        _backlog.Dispose();
        foreach (SemaphoreSlim turn in _turns)
        {
            turn.Dispose();
        }
    }

    private sealed class Taken(params SemaphoreSlim[] places) : IDisposable
    {
        public void Dispose()
        {
            foreach (SemaphoreSlim place in places)
            {
                place.Release();
            }
        }
    }
}
