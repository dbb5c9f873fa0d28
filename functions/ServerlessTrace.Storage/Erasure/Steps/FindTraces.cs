using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>
/// Lists the traces that are to be erased: of a value those that its index names, which are looked at later, then those that are open or wait to be forwarded, shard by shard.
/// </summary>
internal sealed class FindTraces(ErasureStore store, TraceStore traces, ChunkStore chunks, ForwardOutbox outbox, BusinessIndex index, TimeProvider clock) : IErasureStep
{
    private const int TracesPerBatch = 1_000;

    public string? Name => null;

    public async Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken)
    {
        if (scope.Target.Trace is { } trace)
        {
            await WriteAsync(scope, "trace", [await FindOneAsync(trace, cancellationToken).ConfigureAwait(false)], cancellationToken).ConfigureAwait(false);
            return new ErasureProgress(0, null);
        }

        if (from is null)
        {
            await WriteAsync(scope, "index", await FindInIndexAsync(scope.Target, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            return new ErasureProgress(0, new Shard(0).PartitionKey);
        }

        Shard shard = Shard.TryParse(from, out Shard parsed) ? parsed : throw new InvalidDataException($"'{from}' is not a shard.");
        await WriteAsync(scope, from, await FindOpenAsync(shard, scope.Target, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return new ErasureProgress(0, shard.Number + 1 < Shard.Count ? new Shard(shard.Number + 1).PartitionKey : null);
    }

    private async Task<ErasureEntry> FindOneAsync(TraceId trace, CancellationToken cancellationToken)
    {
        var entry = new ErasureEntry(trace.ToString());
        bool isSealed = await traces.ExistsAsync(trace, cancellationToken).ConfigureAwait(false);
        return entry with { IsFound = isSealed || await chunks.ReadTraceAsync(trace, new SpanBatch(), cancellationToken).ConfigureAwait(false) };
    }

    private async Task<List<ErasureEntry>> FindInIndexAsync(ErasureTarget target, CancellationToken cancellationToken)
    {
        // Clocks of senders may be ahead.
        int last = BlockKey.HourOf(UnixNano.Of(clock.GetUtcNow())) + 24;
        Dictionary<TraceId, IndexedTrace> found = await index.FindAsync(BusinessMark.Of(target.Key!, target.Value!), 0, last, cancellationToken).ConfigureAwait(false);
        return [.. found.OrderBy(item => item.Key).Select(item => new ErasureEntry(item.Key.ToString()) { Hour = item.Value.Hour })];
    }

    private async Task<List<ErasureEntry>> FindOpenAsync(Shard shard, ErasureTarget target, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<TraceId, int>();
        bool IsMeant(Trace trace) => target.Has(trace);
        await foreach ((TraceId trace, int hour) in chunks.FindAsync(shard, IsMeant, cancellationToken).ConfigureAwait(false))
        {
            found.TryAdd(trace, hour);
        }

        await foreach ((TraceId trace, int hour) in outbox.FindAsync(shard, IsMeant, cancellationToken).ConfigureAwait(false))
        {
            found.TryAdd(trace, hour);
        }

        return [.. found.Select(item => new ErasureEntry(item.Key.ToString()) { IsFound = true, Hour = item.Value })];
    }

    private async Task WriteAsync(ErasureScope scope, string name, List<ErasureEntry> entries, CancellationToken cancellationToken)
    {
        int number = 0;
        foreach (ErasureEntry[] batch in entries.Chunk(TracesPerBatch))
        {
            await store.WriteBatchAsync(scope.Record.Id, $"{name}-{number++:D6}", batch, cancellationToken).ConfigureAwait(false);
        }
    }
}
