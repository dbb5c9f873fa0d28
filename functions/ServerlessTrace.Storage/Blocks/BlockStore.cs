using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>Summaries of sealed traces, many a row: what searches read.</summary>
public sealed class BlockStore(StorageClients clients, BusinessIndex index, TimeProvider clock)
{
    /// <summary>Summaries a block at most: they fit into a row unless names are long and differ, which spill to a blob.</summary>
    internal const int SummariesPerBlock = 2_000;

    private readonly BlockRows _rows = new(clients);
    private readonly MergedBlocks _merged = new(clients);

    /// <summary>Adds a block that most likely does not exist yet.</summary>
    /// <param name="key">The block.</param>
    /// <param name="entries">The first revisions of its traces.</param>
    /// <param name="sum">What their contributions add up to.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    internal async Task AddAsync(BlockKey key, IReadOnlyList<BlockEntry> entries, TraceAggregates sum, CancellationToken cancellationToken)
    {
        // Who comes late may find its traces recorded by others, and merged.
        if (clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(key.SealedAtUnixMs) > BlockCompaction.Rest / 2)
        {
            await RecordAsync(key, entries, cancellationToken).ConfigureAwait(false);
            return;
        }

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

    /// <summary>The summaries of some traces in a block, wherever that is merged into.</summary>
    internal async Task<List<TraceSummary>> FindAsync(BlockKey key, IReadOnlySet<TraceId> traces, CancellationToken cancellationToken) =>
        await FindRowAsync(key, cancellationToken).ConfigureAwait(false) is { } row
            ? [.. (await _rows.ReadSummariesAsync(row, cancellationToken).ConfigureAwait(false)).Where(summary => traces.Contains(summary.TraceId))]
            : [];

    /// <summary>
    /// Takes the summaries of traces out of a block, wherever that is merged into. What they added to its sums stays, which name no trace, but for series of an attribute
    /// that are told to go.
    /// </summary>
    /// <returns>Whether there was anything to be taken out.</returns>
    internal async Task<bool> RemoveAsync(BlockKey key, IReadOnlySet<TraceId> traces, Func<AttributeSeries, bool> goes, CancellationToken cancellationToken)
    {
        while (await FindRowAsync(key, cancellationToken).ConfigureAwait(false) is { } stored)
        {
            BlockContent content = await _rows.ReadAsync(stored, cancellationToken).ConfigureAwait(false);
            TraceSummary[] kept = [.. content.Summaries.Where(summary => !traces.Contains(summary.TraceId))];
            if (content.Aggregates.Attributes.Remove(goes) == 0 && kept.Length == content.Summaries.Count)
            {
                return false;
            }

            TableEntity row = await _rows.ToRowAsync(stored.PartitionKey, stored.RowKey, kept, content.Aggregates, cancellationToken).ConfigureAwait(false);
            MergedBlockRow.Keep(stored, row);
            if (await TryReplaceAsync(row, stored, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<TableEntity?> FindRowAsync(BlockKey key, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.TraceBlocks.GetEntityIfExistsAsync<TableEntity>(
            key.PartitionKey, key.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? found.Value : await _merged.FindAsync(key, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> TryRecordAsync(BlockKey key, IReadOnlyList<BlockEntry> entries, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.TraceBlocks.GetEntityIfExistsAsync<TableEntity>(
            key.PartitionKey, key.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (found.HasValue)
        {
            return await TryChangeAsync(found.Value!, entries, cancellationToken).ConfigureAwait(false);
        }

        // It is merged, or never was there; in that order, so that nobody merges it in between unseen.
        ETag? guard = await _merged.ReadGuardAsync(key, cancellationToken).ConfigureAwait(false);
        return await _merged.FindAsync(key, cancellationToken).ConfigureAwait(false) is { } merged
            ? await TryChangeAsync(merged, entries, cancellationToken).ConfigureAwait(false)
            : await TryAddAsync(key, entries, guard, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds revisions to a row, of a block or of merged ones, that is still as it was read.</summary>
    private async Task<bool> TryChangeAsync(TableEntity stored, IReadOnlyList<BlockEntry> entries, CancellationToken cancellationToken)
    {
        BlockContent content = await _rows.ReadAsync(stored, cancellationToken).ConfigureAwait(false);
        List<TraceSummary> added = [.. entries.Where(content.Put).Select(entry => entry.Summary)];
        if (added.Count == 0)
        {
            return true;
        }

        TableEntity row = await _rows.ToRowAsync(stored.PartitionKey, stored.RowKey, content.Summaries, content.Aggregates, cancellationToken).ConfigureAwait(false);
        List<BlockKey> merged = MergedBlockRow.Read(stored);
        if (merged.Count > 0)
        {
            MergedBlockRow.Write(row, merged);
            foreach (TraceSummary trace in added)
            {
                await index.AddAsync(trace.TraceId.ToString(), merged[0].Hour, [trace], cancellationToken).ConfigureAwait(false);
            }
        }

        return await TryReplaceAsync(row, stored, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds a block unless a block of its shard and hour was merged since their guard was read.</summary>
    private async Task<bool> TryAddAsync(BlockKey key, IReadOnlyList<BlockEntry> entries, ETag? guard, CancellationToken cancellationToken)
    {
        var content = new BlockContent([], new TraceAggregates());
        foreach (BlockEntry entry in entries)
        {
            content.Put(entry);
        }

        TableEntity row = await _rows.ToRowAsync(key.PartitionKey, key.RowKey, content.Summaries, content.Aggregates, cancellationToken).ConfigureAwait(false);
        try
        {
            await clients.TraceBlocks.SubmitTransactionAsync(
                [MergedBlocks.ChangeGuard(key.Hour, key.Shard, guard), new TableTransactionAction(TableTransactionActionType.Add, row)],
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TableTransactionFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            return false;
        }
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
