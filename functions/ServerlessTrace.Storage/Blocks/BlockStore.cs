using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Rows;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>Summaries of sealed traces, many a row: what searches read.</summary>
public sealed class BlockStore(StorageClients clients)
{
    private const string SpilledTo = "Blob";

    /// <summary>Summaries a block at most: they fit into a row unless names are long and differ, which spill to a blob.</summary>
    internal const int SummariesPerBlock = 2_000;

    /// <summary>
    /// Records summaries in a block. The block keeps one summary a trace, of its latest revision: recording one again changes nothing.
    /// </summary>
    /// <param name="key">The block.</param>
    /// <param name="summaries">The summaries.</param>
    /// <param name="isNew">Whether the block most likely does not exist yet.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    internal async Task RecordAsync(BlockKey key, IReadOnlyList<TraceSummary> summaries, bool isNew, CancellationToken cancellationToken)
    {
        // Whoever loses a race for the block reads it as it is then, and adds to it.
        while (!(isNew
            ? await TryAddAsync(key, summaries, cancellationToken).ConfigureAwait(false)
            : await TryMergeAsync(key, summaries, cancellationToken).ConfigureAwait(false)))
        {
            isNew = false;
        }
    }

    /// <summary>
    /// The summaries of traces that started in a range of hours, an hour at a time, the newest hour first; within an hour in no order.
    /// </summary>
    public async IAsyncEnumerable<(int Hour, IReadOnlyList<TraceSummary> Summaries)> ReadHoursAsync(
        int fromHour, int toHour, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string newest = BlockKey.PartitionOf(toHour);
        string oldest = BlockKey.PartitionOf(fromHour);
        string filter = TableClient.CreateQueryFilter($"PartitionKey ge {newest} and PartitionKey le {oldest}");
        string? partition = null;
        var hour = new List<TraceSummary>();
        await foreach (TableEntity row in clients.TraceBlocks.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (partition is not null && row.PartitionKey != partition)
            {
                yield return (BlockKey.HourOf(partition), hour);
                hour = [];
            }

            partition = row.PartitionKey;
            hour.AddRange(await ReadAsync(row, cancellationToken).ConfigureAwait(false));
        }

        if (partition is not null)
        {
            yield return (BlockKey.HourOf(partition), hour);
        }
    }

    private async Task<bool> TryAddAsync(BlockKey key, IReadOnlyCollection<TraceSummary> summaries, CancellationToken cancellationToken)
    {
        TableEntity row = await ToRowAsync(key, summaries, cancellationToken).ConfigureAwait(false);
        try
        {
            await clients.TraceBlocks.AddEntityAsync(row, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status == 409)
        {
            return false;
        }
    }

    private async Task<bool> TryMergeAsync(BlockKey key, IReadOnlyList<TraceSummary> summaries, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.TraceBlocks.GetEntityIfExistsAsync<TableEntity>(
            key.PartitionKey, key.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!found.HasValue)
        {
            return await TryAddAsync(key, summaries, cancellationToken).ConfigureAwait(false);
        }

        TableEntity stored = found.Value!;
        if (Merge(await ReadAsync(stored, cancellationToken).ConfigureAwait(false), summaries) is not { } merged)
        {
            return true;
        }

        TableEntity row = await ToRowAsync(key, merged, cancellationToken).ConfigureAwait(false);
        try
        {
            await clients.TraceBlocks.UpdateEntityAsync(row, stored.ETag, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            return false;
        }

        await DeleteSpilledAsync(stored, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<TableEntity> ToRowAsync(BlockKey key, IReadOnlyCollection<TraceSummary> summaries, CancellationToken cancellationToken)
    {
        var row = new TableEntity(key.PartitionKey, key.RowKey);
        byte[] bytes = SummaryBlockEncoding.Write(summaries);
        if (bytes.Length <= PackedProperties.MaxBytes)
        {
            PackedProperties.Write(row, bytes);
            return row;
        }

        string blob = $"blocks/{key.RowKey}/{Guid.NewGuid():n}";
        await clients.Spilled.GetBlobClient(blob).UploadAsync(BinaryData.FromBytes(bytes), overwrite: true, cancellationToken).ConfigureAwait(false);
        row[SpilledTo] = blob;
        return row;
    }

    private async Task<List<TraceSummary>> ReadAsync(TableEntity row, CancellationToken cancellationToken)
    {
        if (row.GetString(SpilledTo) is not { } blob)
        {
            return SummaryBlockEncoding.Read(PackedProperties.Read(row));
        }

        try
        {
            BinaryData bytes = (await clients.Spilled.GetBlobClient(blob).DownloadContentAsync(cancellationToken).ConfigureAwait(false)).Value.Content;
            return SummaryBlockEncoding.Read(bytes.ToArray());
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            // The block was replaced since the row was read: read it as it is now.
            TableEntity current = await clients.TraceBlocks.GetEntityAsync<TableEntity>(
                row.PartitionKey, row.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
            return current.ETag != row.ETag
                ? await ReadAsync(current, cancellationToken).ConfigureAwait(false)
                : throw new InvalidDataException($"The summaries of block '{row.RowKey}' should be in blob '{blob}', which does not exist.", exception);
        }
    }

    private async Task DeleteSpilledAsync(TableEntity replaced, CancellationToken cancellationToken)
    {
        if (replaced.GetString(SpilledTo) is { } blob)
        {
            await clients.Spilled.DeleteBlobIfExistsAsync(blob, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The block's summaries with new ones; null where it has them all.</summary>
    private static IReadOnlyCollection<TraceSummary>? Merge(List<TraceSummary> stored, IReadOnlyList<TraceSummary> summaries)
    {
        var block = new SummaryBlock();
        foreach (TraceSummary summary in stored)
        {
            block.Put(summary);
        }

        bool changed = false;
        foreach (TraceSummary summary in summaries)
        {
            changed |= block.Put(summary);
        }

        return changed ? block.Summaries : null;
    }
}
