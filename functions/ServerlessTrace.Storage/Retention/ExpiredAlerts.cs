using Azure.Data.Tables;

namespace ServerlessTrace.Storage.Retention;

/// <summary>Deletes what happened to alerts, and which traces rules have found something in, once no such trace is kept any more. Once a day: it looks at every row.</summary>
public sealed class ExpiredAlerts(StorageClients clients, RetentionOptions options) : IRetentionStep
{
    private const int RowsPerBatch = 5_000;
    private const int RowsPerTransaction = 100;
    private const int HourOfDay = 4;
    private const string GoOn = "more";

    /// <inheritdoc/>
    public string Name => "alerts";

    /// <inheritdoc/>
    public async Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken)
    {
        if (from is null && now.UtcDateTime.Hour != HourOfDay)
        {
            return RetentionBatch.Done();
        }

        int deleted = await DeleteAsync(clients.Alerts, now - options.ErrorsAndSlow, RowsPerBatch, cancellationToken).ConfigureAwait(false);
        deleted += await DeleteAsync(clients.TraceAlerts, now - options.ErrorsAndSlow, RowsPerBatch - deleted, cancellationToken).ConfigureAwait(false);
        return new RetentionBatch(deleted, deleted == RowsPerBatch ? GoOn : null);
    }

    private static async Task<int> DeleteAsync(TableClient table, DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        var old = new List<TableEntity>();
        string filter = TableClient.CreateQueryFilter($"Timestamp lt {before}");
        await foreach (TableEntity row in table.QueryAsync<TableEntity>(
            filter, select: [nameof(TableEntity.PartitionKey), nameof(TableEntity.RowKey)], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (old.Count == most)
            {
                break;
            }

            old.Add(row);
        }

        foreach (TableEntity[] rows in old.GroupBy(row => row.PartitionKey).SelectMany(partition => partition.Chunk(RowsPerTransaction)))
        {
            await table.SubmitTransactionAsync(
                rows.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row)), cancellationToken).ConfigureAwait(false);
        }

        return old.Count;
    }
}
