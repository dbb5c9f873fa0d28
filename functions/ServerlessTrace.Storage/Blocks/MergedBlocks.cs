using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>
/// Which blocks of an hour are merged into which rows. The hour's state row changes with every merge, in its transaction: whoever does something in one
/// transaction with it knows that nothing was merged meanwhile.
/// </summary>
internal sealed class MergedBlocks(StorageClients clients)
{
    private const string Rows = "Rows";

    /// <summary>How far an hour is merged.</summary>
    public async Task<MergeState> ReadStateAsync(int hour, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.TraceBlocks.GetEntityIfExistsAsync<TableEntity>(
            BlockKey.PartitionOf(hour), MergedBlockKey.StateRowKeyOf(hour), cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? new MergeState(hour, found.Value!.GetInt32(Rows) ?? 0, found.Value.ETag) : new MergeState(hour, 0, null);
    }

    /// <summary>The row that took a block in; null where it is not merged.</summary>
    public async Task<TableEntity?> FindAsync(BlockKey block, CancellationToken cancellationToken) =>
        (await ReadAsync(block.Hour, cancellationToken).ConfigureAwait(false)).TryGetValue(block, out string? rowKey)
            ? await clients.TraceBlocks.GetEntityAsync<TableEntity>(block.PartitionKey, rowKey, cancellationToken: cancellationToken).ConfigureAwait(false)
            : null;

    /// <summary>Every block of an hour that is merged, and the key of the row that took it in.</summary>
    public async Task<Dictionary<BlockKey, string>> ReadAsync(int hour, CancellationToken cancellationToken)
    {
        var merged = new Dictionary<BlockKey, string>();
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {BlockKey.PartitionOf(hour)} and RowKey gt {MergedBlockKey.StateRowKeyOf(hour)}");
        await foreach (TableEntity row in clients.TraceBlocks.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey", MergedBlockRow.Merged], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            foreach (BlockKey block in MergedBlockRow.Read(row))
            {
                merged[block] = row.RowKey;
            }
        }

        return merged;
    }

    /// <summary>The change of a state row that goes into the transaction of whatever relies on the state.</summary>
    /// <param name="state">The state as it was read.</param>
    /// <param name="rows">How many merged rows there are then.</param>
    public static TableTransactionAction Change(MergeState state, int rows)
    {
        var row = new TableEntity(BlockKey.PartitionOf(state.Hour), MergedBlockKey.StateRowKeyOf(state.Hour)) { [Rows] = rows };
        return state.ETag is { } etag
            ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, row, etag)
            : new TableTransactionAction(TableTransactionActionType.Add, row);
    }
}
