using ServerlessTrace.Storage.Chunks;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>Erases what is not sealed yet.</summary>
internal sealed class EraseChunks(ChunkStore chunks) : IErasureStep
{
    public string Name => "chunks";

    public Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken) =>
        ShardByShard.RunAsync(scope, from, chunks.EraseAsync, cancellationToken);
}
