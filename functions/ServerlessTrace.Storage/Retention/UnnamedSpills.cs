using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Retention;

/// <summary>
/// Deletes blobs of spilled rows that no row names any more: those of traces that were deleted in transactions, which do not say what they
/// deleted, and those of writers that died between blob and row.
/// </summary>
public sealed class UnnamedSpills(StorageClients clients, TraceStore traces) : IRetentionStep
{
    private const int BlobsPerBatch = 500;
    private const int InFlight = 16;

    /// <summary>A blob is written before its row.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public string Name => "spilled";

    /// <inheritdoc/>
    public async Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken)
    {
        DateTimeOffset before = now - Grace;
        await foreach (Page<BlobItem> page in clients.Spilled.GetBlobsAsync(cancellationToken: cancellationToken).AsPages(from, BlobsPerBatch).ConfigureAwait(false))
        {
            int deleted = 0;
            await Parallel.ForEachAsync(
                page.Values.Where(blob => blob.Properties.LastModified < before),
                new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellationToken },
                async (blob, token) =>
                {
                    if (!await IsNamedAsync(blob.Name, token).ConfigureAwait(false))
                    {
                        await clients.Spilled.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: token).ConfigureAwait(false);
                        Interlocked.Increment(ref deleted);
                    }
                }).ConfigureAwait(false);
            return new RetentionBatch(deleted, string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken);
        }

        return RetentionBatch.Done();
    }

    /// <summary>Whether the row that a blob was written for names it: the row's key is in the blob's name.</summary>
    private async Task<bool> IsNamedAsync(string blob, CancellationToken cancellationToken)
    {
        string[] parts = blob.Split('/');
        if (parts.Length != 3)
        {
            return true;
        }

        return parts[0] switch
        {
            "traces" => !TraceId.TryParse(parts[1], out TraceId trace)
                || await traces.FindSpilledAsync(trace, cancellationToken).ConfigureAwait(false) == blob,
            "chunks" => await IsNamedAsync(clients.SpanChunks, Shard.OfChunk(parts[1]).PartitionKey, parts[1], blob, cancellationToken).ConfigureAwait(false),
            "blocks" => await IsNamedAsync(clients.TraceBlocks, MergedBlockKey.PartitionOf(parts[1]), parts[1], blob, cancellationToken).ConfigureAwait(false),
            _ => true,
        };
    }

    private static async Task<bool> IsNamedAsync(TableClient table, string partitionKey, string rowKey, string blob, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> row = await table.GetEntityIfExistsAsync<TableEntity>(
            partitionKey, rowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        return row.HasValue && row.Value!.Any(property => property.Value is string text && text == blob);
    }
}
