using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>
/// Merges the blocks of an hour into few, big rows, so that a day is read by few requests. Each step is one transaction: the merged row, the state of the
/// hour, the guards of the blocks' shards, and the blocks that go, all of them unchanged since they were read. A crash leaves the hour as it was before the
/// step or after it; whoever loses a race leaves it to the next run.
/// </summary>
public sealed class BlockCompaction(StorageClients clients, BusinessIndex index, TimeProvider clock)
{
    /// <summary>Blocks rest so long, for sealers to have done with them.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMinutes(10);

    /// <summary>Blocks of an hour that is not over, or just is, are merged when there are so many; of one long past, when there are two.</summary>
    private const int BlocksOfOpenHour = 64;

    private const int SummariesPerRow = 20_000;

    // A transaction takes 100 rows: the merged one, the state, and the guards of the shards are among them.
    private const int BlocksPerStep = 98 - Shard.Count;

    private readonly BlockRows _rows = new(clients);
    private readonly MergedBlocks _merged = new(clients);

    /// <summary>Merges what can be merged.</summary>
    /// <param name="maxSteps">Steps at most; the rest is left to the next run.</param>
    /// <param name="cancellationToken">Cancels between steps.</param>
    /// <returns>How many blocks were merged.</returns>
    public async Task<int> CompactAsync(int maxSteps, CancellationToken cancellationToken)
    {
        int merged = 0;
        foreach (int hour in await FindHoursAsync(cancellationToken).ConfigureAwait(false))
        {
            int blocks;
            do
            {
                if (maxSteps-- <= 0)
                {
                    return merged;
                }

                merged += blocks = await TryStepAsync(hour, cancellationToken).ConfigureAwait(false);
            }
            while (blocks > 0);
        }

        return merged;
    }

    private long RestedUnixMs => (clock.GetUtcNow() - Rest).ToUnixTimeMilliseconds();

    /// <summary>The hours that have enough rested blocks, the one with most of them first.</summary>
    private async Task<List<int>> FindHoursAsync(CancellationToken cancellationToken)
    {
        var hours = new Dictionary<int, int>();
        long rested = RestedUnixMs;
        string filter = TableClient.CreateQueryFilter($"RowKey lt {MergedBlockKey.First}");
        await foreach (TableEntity row in clients.TraceBlocks.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (BlockKey.TryParse(row.RowKey, out BlockKey block) && block.SealedAtUnixMs <= rested)
            {
                hours[block.Hour] = hours.GetValueOrDefault(block.Hour) + 1;
            }
        }

        long restedHour = rested / (long)TimeSpan.FromHours(1).TotalMilliseconds;
        return [.. hours.Where(hour => hour.Value >= (hour.Key < restedHour ? 2 : BlocksOfOpenHour)).OrderByDescending(hour => hour.Value).Select(hour => hour.Key)];
    }

    /// <summary>Merges as many blocks of an hour as one transaction takes; returns how many.</summary>
    private async Task<int> TryStepAsync(int hour, CancellationToken cancellationToken)
    {
        MergeState state = await _merged.ReadStateAsync(hour, cancellationToken).ConfigureAwait(false);
        (TableEntity? target, BlockContent content, HashSet<BlockKey> known) = await ReadTargetAsync(state, cancellationToken).ConfigureAwait(false);
        (List<TableEntity> taken, BlockContent added) = await TakeAsync(hour, SummariesPerRow - content.Summaries.Count, cancellationToken).ConfigureAwait(false);
        if (taken.Count == 0)
        {
            return 0;
        }

        await index.AddAsync(taken[0].RowKey, hour, added.Summaries, cancellationToken).ConfigureAwait(false);
        content.Merge(added);
        BlockKey[] keys = [.. taken.Select(static block => KeyOf(block.RowKey))];
        known.UnionWith(keys);

        var mergedKey = new MergedBlockKey(hour, target is null ? state.Rows : state.Rows - 1);
        TableEntity row = await _rows.ToRowAsync(
            mergedKey.PartitionKey, mergedKey.RowKey, content.Summaries, content.Aggregates, cancellationToken).ConfigureAwait(false);
        MergedBlockRow.Write(row, known);
        bool done = await TrySubmitAsync(
            [
                MergedBlocks.Change(state, mergedKey.Number + 1),
                target is null ? new(TableTransactionActionType.Add, row) : new(TableTransactionActionType.UpdateReplace, row, target.ETag),
                .. keys.Select(static key => key.Shard).Distinct()
                    .Select(shard => MergedBlocks.ChangeGuard(hour, shard, state.Guards.TryGetValue(shard, out ETag read) ? read : null)),
                .. taken.Select(block => new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(block.PartitionKey, block.RowKey), block.ETag)),
            ],
            cancellationToken).ConfigureAwait(false);
        foreach (TableEntity gone in done ? target is null ? taken : [target, .. taken] : [row])
        {
            await _rows.DeleteSpilledAsync(gone, cancellationToken).ConfigureAwait(false);
        }

        return done ? taken.Count : 0;
    }

    /// <summary>The hour's last merged row where that has room, else nothing to begin a new one with.</summary>
    private async Task<(TableEntity? Row, BlockContent Content, HashSet<BlockKey> Known)> ReadTargetAsync(MergeState state, CancellationToken cancellationToken)
    {
        if (state.Rows > 0)
        {
            var key = new MergedBlockKey(state.Hour, state.Rows - 1);
            TableEntity row = await clients.TraceBlocks.GetEntityAsync<TableEntity>(key.PartitionKey, key.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
            HashSet<BlockKey> known = [.. MergedBlockRow.Read(row)];
            BlockContent content = await _rows.ReadAsync(row, cancellationToken).ConfigureAwait(false);
            if (content.Summaries.Count < SummariesPerRow / 2 && known.Count <= MergedBlockRow.MaxBlocks - BlocksPerStep)
            {
                return (row, content, known);
            }
        }

        return (null, new BlockContent([], new TraceAggregates()), []);
    }

    private async Task<(List<TableEntity> Rows, BlockContent Content)> TakeAsync(int hour, int summaries, CancellationToken cancellationToken)
    {
        Dictionary<BlockKey, string> merged = await _merged.ReadAsync(hour, cancellationToken).ConfigureAwait(false);
        var taken = new List<TableEntity>();
        var content = new BlockContent([], new TraceAggregates());
        string end = BlockKey.RowKeyOf(hour, RestedUnixMs);
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {BlockKey.PartitionOf(hour)} and RowKey lt {end}");
        await foreach (TableEntity row in clients.TraceBlocks.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            // A sealer that slept for minutes wrote a block again that is merged: all of it was recorded by whoever sealed in its place.
            bool isMerged = BlockKey.TryParse(row.RowKey, out BlockKey key) && merged.ContainsKey(key);
            BlockContent block = isMerged ? new BlockContent([], new TraceAggregates()) : await _rows.ReadAsync(row, cancellationToken).ConfigureAwait(false);
            if (taken.Count == BlocksPerStep || (taken.Count > 0 && content.Summaries.Count + block.Summaries.Count > summaries))
            {
                break;
            }

            content.Merge(block);
            taken.Add(row);
        }

        return (taken, content);
    }

    private static BlockKey KeyOf(string rowKey) =>
        BlockKey.TryParse(rowKey, out BlockKey key) ? key : throw new InvalidDataException($"'{rowKey}' is not a block's key.");

    private async Task<bool> TrySubmitAsync(List<TableTransactionAction> actions, CancellationToken cancellationToken)
    {
        try
        {
            await clients.TraceBlocks.SubmitTransactionAsync(actions, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TableTransactionFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            // A block took a late revision, or someone else merged the hour; or it was done, and the answer was lost.
            TableEntity written = actions[1].Entity as TableEntity ?? throw new InvalidOperationException("The second action is the merged row's.");
            NullableResponse<TableEntity> stored = await clients.TraceBlocks.GetEntityIfExistsAsync<TableEntity>(
                written.PartitionKey, written.RowKey, ["PartitionKey", MergedBlockRow.Merged], cancellationToken).ConfigureAwait(false);
            return stored.HasValue && MergedBlockRow.Read(written).SequenceEqual(MergedBlockRow.Read(stored.Value!));
        }
    }
}
