using System.Collections.Concurrent;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>Looks at listed traces, whether they are what is meant, and from then on keeps them from coming back. Nothing is deleted yet.</summary>
internal sealed class MarkTraces(ErasureStore store, TraceStore traces, ErasedTraces erased, TimeProvider clock) : IErasureStep
{
    private const int ReadsInFlight = 16;

    public string? Name => null;

    public async Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken)
    {
        await foreach ((string name, IReadOnlyList<ErasureEntry> entries) in store.ReadBatchesAsync(scope.Record.Id, from, cancellationToken).ConfigureAwait(false))
        {
            var meant = new ConcurrentBag<ErasureEntry>();
            await Parallel.ForEachAsync(
                entries,
                new ParallelOptions { MaxDegreeOfParallelism = ReadsInFlight, CancellationToken = cancellationToken },
                async (entry, token) =>
                {
                    if (await LookAsync(scope, entry, token).ConfigureAwait(false) is { } seen)
                    {
                        meant.Add(seen);
                    }
                }).ConfigureAwait(false);
            ErasureEntry[] kept = [.. meant.OrderBy(entry => entry.Trace, StringComparer.Ordinal)];
            await store.WriteBatchAsync(scope.Record.Id, name, kept, cancellationToken).ConfigureAwait(false);
            await erased.AddAsync(
                $"{scope.Record.Id}-{name}", [.. kept.Select(entry => entry.Id)], clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            return new ErasureProgress(0, name);
        }

        return new ErasureProgress(0, null);
    }

    /// <summary>What is known of a trace; null where it is another one.</summary>
    private async Task<ErasureEntry?> LookAsync(ErasureScope scope, ErasureEntry entry, CancellationToken cancellationToken)
    {
        StoredTrace? stored = await TryFindAsync(entry.Id, cancellationToken).ConfigureAwait(false);
        if (stored is null)
        {
            // One that is not there may still come, and must not.
            return entry.IsFound || scope.Target.Trace is not null ? entry : null;
        }

        bool isMeant = entry.IsFound || PackedTraces.Find(stored.Packed, scope.Target.Has).Count > 0;
        return isMeant
            ? entry with { IsFound = true, Hour = stored.Block.Hour, Block = stored.Block.RowKey, IsSpilled = stored.SpilledTo is not null }
            : null;
    }

    private async Task<StoredTrace?> TryFindAsync(TraceId trace, CancellationToken cancellationToken)
    {
        try
        {
            return await traces.FindAsync(trace, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException)
        {
            // Damaged: it has no place that could be told. Its row goes all the same.
            return null;
        }
    }
}
