using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>
/// Which blocks of an hour are merged into which rows. A transaction that merges blocks changes the hour's state, and the guard of each shard whose blocks it
/// merges. A transaction that adds a block changes its shard's guard, too: it fails where that block was merged since the guard was read. A guard is one
/// shard's, so that the sealers of different shards do not wait for each other.
/// </summary>
internal sealed class MergedBlocks(StorageClients clients)
{
    private const string Rows = "Rows";

    /// <summary>How far an hour is merged, and the guards of its shards.</summary>
    public async Task<MergeState> ReadStateAsync(int hour, CancellationToken cancellationToken)
    {
        var guards = new Dictionary<Shard, ETag>();
        var state = new MergeState(hour, 0, null, guards);
        string filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {BlockKey.PartitionOf(hour)} and RowKey ge {MergedBlockKey.First} and RowKey le {MergedBlockKey.StateRowKeyOf(hour)}");
        await foreach (TableEntity row in clients.TraceBlocks.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey", Rows], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (MergedBlockKey.TryParseGuard(row.RowKey, out Shard shard))
            {
                guards[shard] = row.ETag;
            }
            else
            {
                state = state with { Rows = row.GetInt32(Rows) ?? 0, ETag = row.ETag };
            }
        }

        return state;
    }

    /// <summary>The version of the guard of a block's shard; null where there is none yet.</summary>
    public async Task<ETag?> ReadGuardAsync(BlockKey block, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.TraceBlocks.GetEntityIfExistsAsync<TableEntity>(
            block.PartitionKey, MergedBlockKey.GuardRowKeyOf(block.Shard), ["PartitionKey"], cancellationToken).ConfigureAwait(false);
        return found.HasValue ? found.Value!.ETag : null;
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

    /// <summary>The change of a state row that goes into the transaction of a merge.</summary>
    /// <param name="state">The state as it was read.</param>
    /// <param name="rows">How many merged rows there are then.</param>
    public static TableTransactionAction Change(MergeState state, int rows) =>
        Change(new TableEntity(BlockKey.PartitionOf(state.Hour), MergedBlockKey.StateRowKeyOf(state.Hour)) { [Rows] = rows }, state.ETag);

    /// <summary>The change of a shard's guard that goes into the transaction of whatever merges, or adds, one of its blocks.</summary>
    /// <param name="hour">The blocks' hour.</param>
    /// <param name="shard">Their shard.</param>
    /// <param name="read">The guard's version as it was read; null where there was none.</param>
    public static TableTransactionAction ChangeGuard(int hour, Shard shard, ETag? read) =>
        Change(new TableEntity(BlockKey.PartitionOf(hour), MergedBlockKey.GuardRowKeyOf(shard)), read);

    private static TableTransactionAction Change(TableEntity row, ETag? read) => read is { } etag
        ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, row, etag)
        : new TableTransactionAction(TableTransactionActionType.Add, row);
}
