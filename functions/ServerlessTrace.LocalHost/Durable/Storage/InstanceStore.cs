using System.Globalization;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.LocalHost.Durable.History;

namespace ServerlessTrace.LocalHost.Durable.Storage;

/// <summary>The hub's table: one row an instance, and pages for those with long logs.</summary>
internal sealed class InstanceStore(TableClient table)
{
    /// <summary>Bytes of log in one write: a transaction takes 4 MiB, of which base64 and the rest of the row eat a third.</summary>
    public const int MaxWrite = 2_600_000;

    /// <summary>Pages of an instance: with the row itself they must be deletable in one transaction of 100.</summary>
    public const int MaxPages = 90;

    private const int MaxTail = 32 << 10;
    private const int ChunkLength = 64_000;
    private const int ChunksPerPage = 7;
    private const int PageLength = ChunkLength * ChunksPerPage;
    private const int MaxTransaction = 100;

    public Task CreateAsync(CancellationToken cancellationToken) => table.CreateIfNotExistsAsync(cancellationToken);

    /// <summary>Reads an instance's row; null where there is none.</summary>
    public async Task<InstanceRow?> ReadAsync(string instanceId, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found =
            await table.GetEntityIfExistsAsync<TableEntity>(InstanceRow.Partition, instanceId, cancellationToken: cancellationToken);
        return found.HasValue ? InstanceRow.From(found.Value!) : null;
    }

    /// <summary>Inserts a row; null where the id is taken.</summary>
    public async Task<InstanceRow?> TryInsertAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteAsync(row, TableTransactionActionType.Add, [], cancellationToken);
        }
        catch (RequestFailedException taken) when (taken.Status == 409)
        {
            return null;
        }
    }

    /// <summary>Replaces the row that <paramref name="row"/> was made from, and deletes the pages of <paramref name="superseded"/>;
    /// null where somebody else has written since.</summary>
    public async Task<InstanceRow?> TryReplaceAsync(InstanceRow row, CancellationToken cancellationToken, InstanceRow? superseded = null)
    {
        try
        {
            IEnumerable<string> pages = superseded is null ? [] : PageKeys(superseded);
            return await WriteAsync(row, TableTransactionActionType.UpdateReplace, pages, cancellationToken);
        }
        catch (RequestFailedException lost) when (lost.Status is 404 or 409 or 412)
        {
            return null;
        }
    }

    /// <summary>Reads the log, or what of it was written since <paramref name="since"/> was read.</summary>
    public async Task<List<HistoryRecord>> ReadLogAsync(InstanceRow row, CancellationToken cancellationToken, InstanceRow? since = null)
    {
        int first = since?.EndPage ?? row.FirstPage;
        byte[][] pages = await Task.WhenAll(
            Enumerable.Range(first, row.EndPage - first).Select(page => ReadPageAsync(row.InstanceId, page, cancellationToken)));
        byte[] log = [.. pages.SelectMany(page => page), .. row.Tail];
        return HistoryCodec.Decode(log.AsSpan(since?.Tail.Length ?? 0));
    }

    /// <summary>Rows that match an OData filter, without their logs.</summary>
    public async Task<List<TableEntity>> FindAsync(string filter, string[] properties, CancellationToken cancellationToken)
    {
        string all = $"PartitionKey eq '{InstanceRow.Partition}' and {filter}";
        var rows = new List<TableEntity>();
        await foreach (TableEntity row in table.QueryAsync<TableEntity>(all, select: properties, cancellationToken: cancellationToken))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Deletes instances that are still as they were found, with their pages, and says how many.</summary>
    public async Task<int> DeleteAsync(IEnumerable<TableEntity> rows, CancellationToken cancellationToken)
    {
        int deleted = 0;
        var batch = new List<TableTransactionAction>();
        int instances = 0;
        foreach (TableEntity row in rows)
        {
            List<TableTransactionAction> deletes = Deletes(row);
            if (batch.Count + deletes.Count > MaxTransaction)
            {
                deleted += await DeleteBatchAsync(batch, instances, cancellationToken);
                batch.Clear();
                instances = 0;
            }

            batch.AddRange(deletes);
            instances++;
        }

        return batch.Count == 0 ? deleted : deleted + await DeleteBatchAsync(batch, instances, cancellationToken);
    }

    /// <summary>Takes a turn at something that one host in the hub does per interval; false where another has it.</summary>
    public async Task<bool> TryTakeTurnAsync(string duty, DateTimeOffset now, TimeSpan interval, CancellationToken cancellationToken)
    {
        try
        {
            NullableResponse<TableEntity> found = await table.GetEntityIfExistsAsync<TableEntity>("duties", duty, cancellationToken: cancellationToken);
            if (!found.HasValue)
            {
                await table.AddEntityAsync(new TableEntity("duties", duty) { ["NextAt"] = now + interval }, cancellationToken);
                return true;
            }

            if (found.Value!.GetDateTimeOffset("NextAt") > now)
            {
                return false;
            }

            found.Value["NextAt"] = now + interval;
            await table.UpdateEntityAsync(found.Value, found.Value.ETag, TableUpdateMode.Replace, cancellationToken);
            return true;
        }
        catch (RequestFailedException other) when (other.Status is 409 or 412)
        {
            return false;
        }
    }

    private async Task<InstanceRow> WriteAsync(
        InstanceRow row, TableTransactionActionType kind, IEnumerable<string> superseded, CancellationToken cancellationToken)
    {
        var actions = new List<TableTransactionAction>();
        if (row.Tail.Length > MaxTail)
        {
            foreach (byte[] page in row.Tail.Chunk(PageLength))
            {
                actions.Add(new TableTransactionAction(TableTransactionActionType.Add, PageEntity(row.InstanceId, row.EndPage, page)));
                row = row with { EndPage = row.EndPage + 1 };
            }

            row = row with { Tail = [] };
        }

        actions.AddRange(superseded.Select(Delete));
        TableEntity entity = row.ToEntity();
        if (actions.Count > 0)
        {
            actions.Insert(0, new TableTransactionAction(kind, entity, row.ETag));
            Response<IReadOnlyList<Response>> written = await table.SubmitTransactionAsync(actions, cancellationToken);
            return row with { ETag = written.Value[0].Headers.ETag!.Value };
        }

        Response single = kind == TableTransactionActionType.Add
            ? await table.AddEntityAsync(entity, cancellationToken)
            : await table.UpdateEntityAsync(entity, row.ETag, TableUpdateMode.Replace, cancellationToken);
        return row with { ETag = single.Headers.ETag!.Value };
    }

    private async Task<byte[]> ReadPageAsync(string instanceId, int page, CancellationToken cancellationToken)
    {
        TableEntity entity =
            await table.GetEntityAsync<TableEntity>(InstanceRow.Partition, PageKey(instanceId, page), cancellationToken: cancellationToken);
        return [.. Enumerable.Range(0, ChunksPerPage).SelectMany(chunk => entity.GetBinary(ChunkName(chunk)) ?? [])];
    }

    private async Task<int> DeleteBatchAsync(List<TableTransactionAction> batch, int instances, CancellationToken cancellationToken)
    {
        try
        {
            await table.SubmitTransactionAsync(batch, cancellationToken);
            return instances;
        }
        catch (RequestFailedException changed) when (changed.Status is 404 or 412)
        {
            // One of them was restarted or purged meanwhile. The others' turn comes with the next purge.
            return 0;
        }
    }

    private static List<TableTransactionAction> Deletes(TableEntity row)
    {
        var deletes = new List<TableTransactionAction> { new(TableTransactionActionType.Delete, row, row.ETag) };
        for (int page = row.GetInt32("FirstPage")!.Value; page < row.GetInt32("EndPage")!.Value; page++)
        {
            deletes.Add(Delete(PageKey(row.RowKey, page)));
        }

        return deletes;
    }

    private static TableTransactionAction Delete(string key) =>
        new(TableTransactionActionType.Delete, new TableEntity(InstanceRow.Partition, key), ETag.All);

    private static IEnumerable<string> PageKeys(InstanceRow row) =>
        Enumerable.Range(row.FirstPage, row.EndPage - row.FirstPage).Select(page => PageKey(row.InstanceId, page));

    private static TableEntity PageEntity(string instanceId, int page, byte[] content)
    {
        var entity = new TableEntity(InstanceRow.Partition, PageKey(instanceId, page));
        int chunk = 0;
        foreach (byte[] part in content.Chunk(ChunkLength))
        {
            entity[ChunkName(chunk++)] = part;
        }

        return entity;
    }

    private static string PageKey(string instanceId, int page) => string.Create(CultureInfo.InvariantCulture, $"{instanceId}|{page:d6}");

    private static string ChunkName(int chunk) => string.Create(CultureInfo.InvariantCulture, $"P{chunk}");
}
