using ServerlessTrace.Storage.Chunks;

namespace ServerlessTrace.Storage.Retention;

/// <summary>Deletes chunks that could never be read and so never sealed: damaged ones, and those of a version that is not there any more.</summary>
public sealed class ExpiredChunks(ChunkStore chunks, RetentionOptions options) : IRetentionStep
{
    /// <inheritdoc/>
    public string Name => "chunks";

    /// <inheritdoc/>
    public async Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken) =>
        RetentionBatch.Done(await chunks.DeleteOlderAsync(now - options.ErrorsAndSlow, cancellationToken).ConfigureAwait(false));
}
