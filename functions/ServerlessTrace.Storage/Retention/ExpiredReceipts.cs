using System.Globalization;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Storage.Retention;

/// <summary>Deletes receipts hour by hour, after each hour's counts are summed up for good.</summary>
public sealed class ExpiredReceipts(ReceiptStore receipts, UsageStore usage, RetentionOptions options) : IRetentionStep
{
    private const int ReceiptsPerBatch = 10_000;

    /// <inheritdoc/>
    public string Name => "receipts";

    /// <inheritdoc/>
    public async Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken)
    {
        int deleted = 0;
        int end = UsageStore.HourOf(now - options.Receipts);
        while (deleted < ReceiptsPerBatch)
        {
            if (await receipts.NewestBeforeAsync(StartOf(end), cancellationToken).ConfigureAwait(false) is not { } newest)
            {
                return RetentionBatch.Done(deleted);
            }

            int hour = UsageStore.HourOf(newest);
            await usage.CloseAsync(hour, cancellationToken).ConfigureAwait(false);
            deleted += await receipts.DeleteAsync(StartOf(hour), StartOf(hour + 1), ReceiptsPerBatch - deleted, cancellationToken).ConfigureAwait(false);
        }

        return new RetentionBatch(deleted, end.ToString(CultureInfo.InvariantCulture));
    }

    private static DateTimeOffset StartOf(int hour) => DateTimeOffset.FromUnixTimeSeconds(hour * 3600L);
}
