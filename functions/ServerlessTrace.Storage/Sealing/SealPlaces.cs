using System.Threading.RateLimiting;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>Bounds how much the sealers of a process have in memory at once.</summary>
internal sealed class SealPlaces : IDisposable
{
    /// <summary>Packed bytes that are unpacked together, to some 15 times as much.</summary>
    public const int PackedBytesPerSlice = 512 << 10;

    /// <summary>A shard with more has a backlog: the shards with a backlog are sealed one after another.</summary>
    public const int PackedBytesOfBacklog = 2 << 20;

    private readonly SemaphoreSlim[] _turns = [.. Shard.All.Select(_ => new SemaphoreSlim(1, 1))];
    private readonly SemaphoreSlim _backlog = new(1, 1);

    // A permit is a packed byte. However many shards are looked at, as much is unpacked at once as there are cores to work on it.
    private readonly ConcurrencyLimiter _unpacked = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = PackedBytesPerSlice * Math.Max(2, Environment.ProcessorCount),
        QueueLimit = int.MaxValue,
    });

    /// <summary>
    /// Acquires the shard's lock, which is released by disposing of the result. The lock is an optimisation only: concurrent sealers of a shard are correct, but repeat each
    /// other's work.
    /// </summary>
    public async Task<IDisposable> TakeAsync(Shard shard, CancellationToken cancellationToken)
    {
        SemaphoreSlim turn = _turns[shard.Number];
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Taken(turn);
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

    private sealed class Taken(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
