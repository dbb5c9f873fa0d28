using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>Few, small documents with versions, all in one partition: rules, or silences.</summary>
internal sealed class DefinitionTable(TableClient table, string kind)
{
    private const byte Version = 1;

    private string Partition => kind + "s";

    public async Task<List<(byte[] Document, ETag ETag)>> ReadAsync(CancellationToken cancellationToken)
    {
        var found = new List<(byte[], ETag)>();
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition}");
        await foreach (TableEntity row in table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            found.Add((Document(row), row.ETag));
        }

        return found;
    }

    public async Task<(byte[] Document, ETag ETag)?> FindAsync(string id, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await table.GetEntityIfExistsAsync<TableEntity>(
            Partition, RowKey(id), cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? (Document(found.Value!), found.Value!.ETag) : null;
    }

    /// <summary>The new version; null where there is one already.</summary>
    public Task<ETag?> TryAddAsync(string id, byte[] document, CancellationToken cancellationToken) =>
        UnlessAsync(409, () => table.AddEntityAsync(Row(id, document), cancellationToken));

    /// <summary>The new version; null where there is none, or another version than asked for.</summary>
    public Task<ETag?> TryReplaceAsync(string id, byte[] document, ETag version, CancellationToken cancellationToken) =>
        UnlessAsync(412, () => table.UpdateEntityAsync(Row(id, document), version, TableUpdateMode.Replace, cancellationToken));

    /// <summary>Whether it was deleted, in the version asked for.</summary>
    public async Task<bool> TryDeleteAsync(string id, ETag version, CancellationToken cancellationToken)
    {
        // The client takes "not found" for success.
        ETag? deleted = await UnlessAsync(412, () => table.DeleteEntityAsync(Partition, RowKey(id), version, cancellationToken)).ConfigureAwait(false);
        return deleted is not null;
    }

    private static byte[] Document(TableEntity row)
    {
        byte[] bytes = PackedProperties.Read(row);
        return bytes is [Version, ..] ? bytes[1..] : throw new InvalidDataException($"Row {row.RowKey} is damaged, or of a later version.");
    }

    private static async Task<ETag?> UnlessAsync(int refused, Func<Task<Response>> write)
    {
        try
        {
            Response response = await write().ConfigureAwait(false);
            return response.Headers.ETag ?? ETag.All;
        }
        catch (RequestFailedException exception) when (exception.Status == refused || exception.Status == 404)
        {
            return null;
        }
    }

    private TableEntity Row(string id, byte[] document)
    {
        var row = new TableEntity(Partition, RowKey(id));
        PackedProperties.Write(row, [Version, .. document]);
        return row;
    }

    private string RowKey(string id) => $"{kind}-{id}";
}
