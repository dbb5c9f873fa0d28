using System.Globalization;
using ServerlessTrace.Storage.Business;

namespace ServerlessTrace.Storage.Retention;

/// <summary>Deletes the index of business values of hours whose every trace is gone. Once a day: the index is divided into many small ranges.</summary>
public sealed class ExpiredBusinessKeys(BusinessIndex index, RetentionOptions options) : IRetentionStep
{
    private const int BucketsPerBatch = 32;
    private const int HourOfDay = 3;

    /// <inheritdoc/>
    public string Name => "business-keys";

    /// <inheritdoc/>
    public async Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken)
    {
        if (from is null && now.UtcDateTime.Hour != HourOfDay)
        {
            return RetentionBatch.Done();
        }

        int first = from is null ? 0 : int.Parse(from, NumberStyles.None, CultureInfo.InvariantCulture);
        int end = Math.Min(first + BucketsPerBatch, BusinessIndex.Buckets);
        int deleted = await index.DeleteOlderAsync(first, end, now - options.ErrorsAndSlow, cancellationToken).ConfigureAwait(false);
        return new RetentionBatch(deleted, end < BusinessIndex.Buckets ? end.ToString(CultureInfo.InvariantCulture) : null);
    }
}
