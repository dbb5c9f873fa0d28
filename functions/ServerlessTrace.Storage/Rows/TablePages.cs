using Azure;
using Azure.Data.Tables;

namespace ServerlessTrace.Storage.Rows;

/// <summary>Goes through a table page by page, as far as one batch of work goes.</summary>
internal static class TablePages
{
    private const int RowsPerPage = 1_000;
    private const int PagesPerBatch = 10;

    /// <summary>Looks at each row of some pages.</summary>
    /// <param name="table">The table.</param>
    /// <param name="filter">Which rows; null for all.</param>
    /// <param name="select">Which properties; null for all.</param>
    /// <param name="from">The page; null for the first.</param>
    /// <param name="look">Returns whether it changed the row.</param>
    /// <param name="cancellationToken">Cancels between rows.</param>
    /// <returns>How many rows were changed, and the next page; null where there is none.</returns>
    public static async Task<(int Changed, string? Next)> LookAsync(
        this TableClient table, string? filter, IEnumerable<string>? select, string? from, Func<TableEntity, Task<bool>> look, CancellationToken cancellationToken)
    {
        int changed = 0;
        int pages = 0;
        await foreach (Page<TableEntity> page in table.QueryAsync<TableEntity>(
            filter, RowsPerPage, select, cancellationToken).AsPages(from).ConfigureAwait(false))
        {
            foreach (TableEntity row in page.Values)
            {
                cancellationToken.ThrowIfCancellationRequested();
                changed += await look(row).ConfigureAwait(false) ? 1 : 0;
            }

            string? next = string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken;
            if (next is null || ++pages == PagesPerBatch)
            {
                return (changed, next);
            }
        }

        return (changed, null);
    }

    /// <summary>Replaces a row that is still as it was read; false where it is not any more.</summary>
    public static async Task<bool> TryReplaceAsync(this TableClient table, TableEntity row, ETag read, CancellationToken cancellationToken)
    {
        try
        {
            await table.UpdateEntityAsync(row, read, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            return false;
        }
    }
}
