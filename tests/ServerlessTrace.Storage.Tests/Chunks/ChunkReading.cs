using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Tests.Chunks;

internal static class ChunkReading
{
    /// <summary>All open chunks of a shard, oldest first.</summary>
    public static async Task<List<OpenChunk>> ReadAsync(this ChunkStore store, Shard shard, CancellationToken cancellationToken)
    {
        var chunks = new List<OpenChunk>();
        await foreach (IReadOnlyList<OpenChunk> page in store.ReadPagesAsync(shard, cancellationToken))
        {
            chunks.AddRange(page);
        }

        chunks.Sort(static (x, y) => (x.WrittenAt, x.RowKey).CompareTo((y.WrittenAt, y.RowKey)));
        return chunks;
    }
}
