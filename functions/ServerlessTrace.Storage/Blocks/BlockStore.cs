using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>Summaries of sealed traces, many a row: what searches read.</summary>
public sealed class BlockStore(StorageClients clients)
{
    /// <summary>Summaries a block at most: they fit into a row unless names are long and differ, which spill to a blob.</summary>
    internal const int SummariesPerBlock = 2_000;

    private readonly BlockRows _rows = new(clients);

    /// <summary>Adds a block that most likely does not exist yet.</summary>
    /// <param name="key">The block.</param>
    /// <param name="entries">The first revisions of its traces.</param>
    /// <param name="sum">What their contributions add up to.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    internal async Task AddAsync(BlockKey key, IReadOnlyList<BlockEntry> entries, TraceAggregates sum, CancellationToken cancellationToken)
    {
        TableEntity row = await _rows.ToRowAsync(
            key.PartitionKey, key.RowKey, [.. entries.Select(entry => entry.Summary)], sum, cancellationToken).ConfigureAwait(false);
        if (!await TryAddAsync(row, cancellationToken).ConfigureAwait(false))
        {
            await RecordAsync(key, entries, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Records revisions of traces in a block, of which the former revisions are recorded. The block keeps one summary a trace, of its latest revision, and
    /// each revision's contribution once: recording one again changes nothing.
    /// </summary>
    internal async Task RecordAsync(BlockKey key, IReadOnlyList<BlockEntry> entries, CancellationToken cancellationToken)
    {
        // Whoever loses a race for the block reads it as it is then, and adds to it.
        while (!await TryRecordAsync(key, entries, cancellationToken).ConfigureAwait(false))
        {
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
        await foreach (TableEntity row in clients.TraceBlocks.QueryAsync<TableEntity>(
            filter, select: BlockRows.SummaryProperties, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (partition is not null && row.PartitionKey != partition)
            {
                yield return (BlockKey.HourOf(partition), hour);
                hour = [];
            }

            partition = row.PartitionKey;
            hour.AddRange(await _rows.ReadSummariesAsync(row, cancellationToken).ConfigureAwait(false));
        }

        if (partition is not null)
        {
            yield return (BlockKey.HourOf(partition), hour);
        }
    }

    private async Task<bool> TryRecordAsync(BlockKey key, IReadOnlyList<BlockEntry> entries, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.TraceBlocks.GetEntityIfExistsAsync<TableEntity>(
            key.PartitionKey, key.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        TableEntity? stored = found.HasValue ? found.Value : null;
        BlockContent content = stored is null ? new BlockContent([], new TraceAggregates()) : await _rows.ReadAsync(stored, cancellationToken).ConfigureAwait(false);
        bool changed = false;
        foreach (BlockEntry entry in entries)
        {
            changed |= content.Put(entry);
        }

        if (!changed)
        {
            return true;
        }

        TableEntity row = await _rows.ToRowAsync(key.PartitionKey, key.RowKey, content.Summaries, content.Aggregates, cancellationToken).ConfigureAwait(false);
        return stored is null
            ? await TryAddAsync(row, cancellationToken).ConfigureAwait(false)
            : await TryReplaceAsync(row, stored, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> TryAddAsync(TableEntity row, CancellationToken cancellationToken)
    {
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

    private async Task<bool> TryReplaceAsync(TableEntity row, TableEntity stored, CancellationToken cancellationToken)
    {
        try
        {
            await clients.TraceBlocks.UpdateEntityAsync(row, stored.ETag, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            return false;
        }

        await _rows.DeleteSpilledAsync(stored, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
