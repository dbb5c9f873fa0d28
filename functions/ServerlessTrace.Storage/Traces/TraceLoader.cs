using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Packing;

namespace ServerlessTrace.Storage.Traces;

/// <summary>Reads a trace: sealed by one point read, otherwise assembled from what has come so far.</summary>
public sealed class TraceLoader(TraceStore traces, ChunkStore chunks, ErasedTraces? erased = null)
{
    /// <summary>A trace by its id; null where nothing is known of it, or it is being erased.</summary>
    public async Task<LoadedTrace?> FindAsync(TraceId id, CancellationToken cancellationToken)
    {
        if (erased is not null)
        {
            await erased.RefreshAsync(cancellationToken).ConfigureAwait(false);
            if (erased.Contains(id))
            {
                return null;
            }
        }

        var spans = new SpanBatch();
        int revision = 0;
        bool isSealed = await FindSealedAsync().ConfigureAwait(false);
        if (!isSealed && !await chunks.ReadTraceAsync(id, spans, cancellationToken).ConfigureAwait(false))
        {
            // Sealed between the two reads: its chunks went after its row came.
            isSealed = await FindSealedAsync().ConfigureAwait(false);
            if (!isSealed)
            {
                return null;
            }
        }

        return new LoadedTrace(new Trace(spans, new SpanMerger().Merge(spans)[0]), isSealed, revision);

        async Task<bool> FindSealedAsync()
        {
            if (await traces.ReadAsync(id, cancellationToken).ConfigureAwait(false) is not { } found)
            {
                return false;
            }

            new SpanUnpacker().Unpack(found.Packed.Span, spans);
            revision = found.Revision;
            return true;
        }
    }
}
