using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Retention;

/// <summary>
/// Rows of blocks that get old. First they lose the ordinary traces from their list; what they add up to stays as long as the traces that are
/// kept longer, so that a statistic is never of those alone. Then they go; merged ones all of an hour at once, since the hour's state counts them.
/// </summary>
internal sealed class ExpiringBlocks(StorageClients clients)
{
    private const int RowsPerTransaction = 100;

    private readonly BlockRows _rows = new(clients);

    /// <summary>The rows of each hour that is before a time, an hour at a time. Only keys are read.</summary>
    public async IAsyncEnumerable<List<ExpiringRow>> ReadHoursAsync(DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int last = BlockKey.HourOf(UnixNano.Of(before));
        string filter = TableClient.CreateQueryFilter($"PartitionKey gt {BlockKey.PartitionOf(last)}");
        var hour = new List<ExpiringRow>();
        await foreach (TableEntity entity in clients.TraceBlocks.QueryAsync<TableEntity>(
            filter, select: ExpiringRow.Properties, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            ExpiringRow row = ExpiringRow.Of(entity);
            if (hour.Count > 0 && hour[0].PartitionKey != row.PartitionKey)
            {
                yield return hour;
                hour = [];
            }

            hour.Add(row);
        }

        if (hour.Count > 0)
        {
            yield return hour;
        }
    }

    /// <summary>A row with all it holds; null where it is gone.</summary>
    public async Task<(TableEntity Row, BlockContent Content)?> FindAsync(string partitionKey, string rowKey, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.TraceBlocks.GetEntityIfExistsAsync<TableEntity>(
            partitionKey, rowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? (found.Value!, await _rows.ReadAsync(found.Value!, cancellationToken).ConfigureAwait(false)) : null;
    }

    /// <summary>Writes what is left of a row, unless somebody changed it since it was read. Returns whether it did.</summary>
    public async Task<bool> TryKeepAsync(
        TableEntity stored, IReadOnlyCollection<TraceSummary> kept, TraceAggregates aggregates, ExpiryStage stage, CancellationToken cancellationToken)
    {
        TableEntity row = await _rows.ToRowAsync(stored.PartitionKey, stored.RowKey, kept, aggregates, cancellationToken).ConfigureAwait(false);
        row[ExpiringRow.StageProperty] = (int)stage;
        if (MergedBlockRow.Read(stored) is { Count: > 0 } merged)
        {
            MergedBlockRow.Write(row, merged);
        }

        try
        {
            await clients.TraceBlocks.UpdateEntityAsync(row, stored.ETag, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            // Blobs that were written for it have no name now, unless only the answer was lost: UnnamedSpills tells.
            return false;
        }

        await _rows.DeleteSpilledAsync(stored, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Deletes a row, unless somebody changed it since it was read.</summary>
    public async Task DeleteAsync(TableEntity stored, CancellationToken cancellationToken)
    {
        try
        {
            await clients.TraceBlocks.DeleteEntityAsync(stored.PartitionKey, stored.RowKey, stored.ETag, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.Status == 412)
        {
            return;
        }

        await _rows.DeleteSpilledAsync(stored, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes the merged rows of an hour, all of them emptied, and with them the hour's state and guards, unless anything was merged meanwhile.</summary>
    public async Task TryForgetHourAsync(string partitionKey, CancellationToken cancellationToken)
    {
        string firstMerged = new MergedBlockKey(BlockKey.HourOf(partitionKey), 0).RowKey;
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey ge {MergedBlockKey.First}");
        var rows = new List<TableEntity>();
        await foreach (TableEntity row in clients.TraceBlocks.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey", ExpiringRow.StageProperty], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            rows.Add(row);
        }

        bool isEmpty = rows.TrueForAll(row => string.CompareOrdinal(row.RowKey, firstMerged) < 0 || row.GetInt32(ExpiringRow.StageProperty) == (int)ExpiryStage.Emptied);
        if (!isEmpty || rows.Count is 0 or > RowsPerTransaction)
        {
            return;
        }

        try
        {
            await clients.TraceBlocks.SubmitTransactionAsync(
                rows.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, row.ETag)), cancellationToken).ConfigureAwait(false);
        }
        catch (TableTransactionFailedException exception) when (exception.Status is 404 or 412)
        {
            // Late traces of the hour came, or another run was faster: the next one looks at it again.
        }
    }
}
