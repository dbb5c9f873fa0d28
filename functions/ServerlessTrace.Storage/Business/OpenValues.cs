using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Business;

/// <summary>Finds the traces of a business value that are not sealed, and so in no index yet, by looking through all that is open.</summary>
public sealed class OpenValues(ChunkStore chunks)
{
    /// <summary>Chunks of a shard that are looked through; where more are open, sealing lags behind, and whoever asks is told.</summary>
    private const int MostChunks = 64;

    /// <summary>The traces, and whether there was more to look through than was looked at.</summary>
    public async Task<(Dictionary<TraceId, IndexedTrace> Traces, bool IsCut)> FindAsync(string key, string value, CancellationToken cancellationToken)
    {
        var found = new Dictionary<TraceId, IndexedTrace>();
        bool cut = false;
        await Parallel.ForAsync(
            0,
            Shard.Count,
            cancellationToken,
            async (shard, token) =>
            {
                int left = MostChunks;
                await foreach (IReadOnlyList<OpenChunk> page in chunks.ReadPagesAsync(new Shard(shard), token).ConfigureAwait(false))
                {
                    foreach (OpenChunk chunk in page.Take(left))
                    {
                        Add(PackedTraces.Find(chunk.Packed, trace => TraceAttributes.Has(trace, key, value)), found);
                    }

                    left -= page.Count;
                    if (left < 0)
                    {
                        cut = true;
                        return;
                    }
                }
            }).ConfigureAwait(false);
        return (found, cut);
    }

    private static void Add(IEnumerable<(TraceId Trace, int Hour)> some, Dictionary<TraceId, IndexedTrace> found)
    {
        foreach ((TraceId trace, int hour) in some)
        {
            lock (found)
            {
                if (!found.TryGetValue(trace, out IndexedTrace known) || hour < known.Hour)
                {
                    found[trace] = new IndexedTrace(hour, null);
                }
            }
        }
    }
}
