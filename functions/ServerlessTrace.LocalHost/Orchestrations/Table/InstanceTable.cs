using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>
/// The hub's table: a row an instance and a row a host. What is too large for a row spills to a blob, which is written before the row
/// that names it.
/// </summary>
internal sealed class InstanceTable(TableClient table, BlobContainerClient spills)
{
    private const int MaxTransaction = 100;

    /// <summary>The table, for what concerns hosts.</summary>
    public TableClient Table => table;

    public Task CreateAsync(CancellationToken cancellationToken) => table.CreateIfNotExistsAsync(cancellationToken);

    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        await table.DeleteAsync(cancellationToken);
        await spills.DeleteIfExistsAsync(cancellationToken: cancellationToken);
    }

    /// <summary>Reads an instance; null where there is none.</summary>
    public async Task<InstanceRow?> ReadAsync(string instanceId, CancellationToken cancellationToken)
    {
        while (true)
        {
            NullableResponse<TableEntity> found =
                await table.GetEntityIfExistsAsync<TableEntity>(InstanceRow.Partition, instanceId, cancellationToken: cancellationToken);
            if (!found.HasValue)
            {
                return null;
            }

            if (await TryLoadAsync(found.Value!, cancellationToken) is { } row)
            {
                return row;
            }
        }
    }

    /// <summary>The row in an entity; null where its blob was superseded since the entity was read.</summary>
    public async Task<InstanceRow?> TryLoadAsync(TableEntity entity, CancellationToken cancellationToken)
    {
        if (entity.GetString(nameof(InstanceRow.Blob)) is not { } blob)
        {
            return InstanceRow.From(entity, null);
        }

        try
        {
            BinaryData content = (await spills.GetBlobClient(blob).DownloadContentAsync(cancellationToken)).Value.Content;
            return InstanceRow.From(entity, content.ToArray());
        }
        catch (RequestFailedException gone) when (gone.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Inserts an instance; null where the id is taken.</summary>
    public async Task<InstanceRow?> TryInsertAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        (InstanceRow next, TableEntity entity) = await SpillAsync(row, cancellationToken);
        try
        {
            Response response = await table.AddEntityAsync(entity, cancellationToken);
            return next with { ETag = response.Headers.ETag!.Value };
        }
        catch (RequestFailedException taken) when (taken.Status == 409)
        {
            await DeleteSpillAsync(next.Blob, cancellationToken);
            return null;
        }
    }

    /// <summary>Replaces the row that <paramref name="row"/> was made from; null where another host has written it since.</summary>
    public async Task<InstanceRow?> TryReplaceAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        (InstanceRow next, TableEntity entity) = await SpillAsync(row, cancellationToken);
        ETag? written = await TryUpdateAsync(entity, row.ETag, TableUpdateMode.Replace, cancellationToken);
        await DeleteSpillAsync(written is null ? next.Blob : row.Blob, cancellationToken);
        return written is null ? null : next with { ETag = written.Value };
    }

    /// <summary>Changes who looks at an instance and when, nothing else; null where another host has written the row since.</summary>
    public async Task<InstanceRow?> TryAssignAsync(InstanceRow row, string? owner, DateTimeOffset lookAt, CancellationToken cancellationToken)
    {
        var change = new TableEntity(InstanceRow.Partition, row.InstanceId)
        {
            [nameof(InstanceRow.Owner)] = owner ?? string.Empty,
            [nameof(InstanceRow.LookAt)] = lookAt,
        };
        return await TryUpdateAsync(change, row.ETag, TableUpdateMode.Merge, cancellationToken) is { } written
            ? row with { Owner = owner, LookAt = lookAt, ETag = written }
            : null;
    }

    /// <summary>Deletes instances that are still as they were found, and says how many.</summary>
    public async Task<int> DeleteAsync(IEnumerable<TableEntity> rows, CancellationToken cancellationToken)
    {
        int deleted = 0;
        foreach (TableEntity[] batch in rows.Chunk(MaxTransaction))
        {
            try
            {
                await table.SubmitTransactionAsync(
                    batch.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, row.ETag)), cancellationToken);
                deleted += batch.Length;
            }
            catch (RequestFailedException changed) when (changed.Status is 404 or 412 && batch.Length > 1)
            {
                foreach (TableEntity row in batch)
                {
                    deleted += await DeleteAsync([row], cancellationToken);
                }

                continue;
            }
            catch (RequestFailedException changed) when (changed.Status is 404 or 412)
            {
                continue;
            }

            foreach (TableEntity row in batch)
            {
                await DeleteSpillAsync(row.GetString(nameof(InstanceRow.Blob)), cancellationToken);
            }
        }

        return deleted;
    }

    private async Task<ETag?> TryUpdateAsync(TableEntity entity, ETag version, TableUpdateMode mode, CancellationToken cancellationToken)
    {
        try
        {
            return (await table.UpdateEntityAsync(entity, version, mode, cancellationToken)).Headers.ETag!.Value;
        }
        catch (RequestFailedException changed) when (changed.Status is 404 or 412)
        {
            return null;
        }
    }

    private async Task<(InstanceRow Row, TableEntity Entity)> SpillAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        byte[] compressed = row.Body.Compress();
        InstanceRow next = row with { Blob = null };
        if (compressed.Length > InstanceRow.MaxInline)
        {
            next = row with { Blob = $"{row.InstanceId}/{Guid.NewGuid():n}" };
            await UploadAsync(next.Blob, compressed, cancellationToken);
        }

        return (next, next.ToEntity(compressed));
    }

    private async Task DeleteSpillAsync(string? blob, CancellationToken cancellationToken)
    {
        if (blob is not null)
        {
            await spills.GetBlobClient(blob).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        }
    }

    private async Task UploadAsync(string name, byte[] content, CancellationToken cancellationToken)
    {
        BlobClient blob = spills.GetBlobClient(name);
        try
        {
            await blob.UploadAsync(BinaryData.FromBytes(content), cancellationToken);
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            await spills.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            await blob.UploadAsync(BinaryData.FromBytes(content), cancellationToken);
        }
    }
}
