using Azure;
using Azure.Data.Tables;

namespace ServerlessTrace.Storage.Rows;

/// <summary>Deletes rows in as few requests as may be.</summary>
internal static class RowDeletion
{
    private const int RowsPerTransaction = 100;
    private const int InFlight = 8;

    /// <summary>
    /// Deletes rows whatever their version, a hundred of a partition in a transaction. Rows that are gone already, as after a crash, are no error.
    /// </summary>
    /// <returns>How many rows were to be deleted.</returns>
    public static async Task<int> DeleteRowsAsync(this TableClient table, IReadOnlyCollection<TableEntity> rows, CancellationToken cancellationToken)
    {
        foreach (IGrouping<string, TableEntity> partition in rows.GroupBy(row => row.PartitionKey))
        {
            foreach (TableEntity[] group in partition.Chunk(RowsPerTransaction))
            {
                await DeleteGroupAsync(table, group, cancellationToken).ConfigureAwait(false);
            }
        }

        return rows.Count;
    }

    private static async Task DeleteGroupAsync(TableClient table, TableEntity[] group, CancellationToken cancellationToken)
    {
        try
        {
            await table.SubmitTransactionAsync(
                group.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancellationToken).ConfigureAwait(false);
        }
        catch (TableTransactionFailedException exception) when (exception.Status == 404)
        {
            // One is gone: the others go one by one.
            await Parallel.ForEachAsync(
                group,
                new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellationToken },
                async (row, token) => await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, token).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }
}
