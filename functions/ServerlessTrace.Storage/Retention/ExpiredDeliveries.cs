using ServerlessTrace.Storage.Webhooks;

namespace ServerlessTrace.Storage.Retention;

/// <summary>Deletes old deliveries of webhooks, dead ones too, and what was delivered. Once a day: they lie in a partition for each subscription.</summary>
public sealed class ExpiredDeliveries(DeliveryStore deliveries, RetentionOptions options) : IRetentionStep
{
    private const int DeliveriesPerBatch = 5_000;
    private const int HourOfDay = 4;
    private const string More = "more";

    /// <inheritdoc/>
    public string Name => "deliveries";

    /// <inheritdoc/>
    public async Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken)
    {
        if (from is null && now.UtcDateTime.Hour != HourOfDay)
        {
            return RetentionBatch.Done();
        }

        int deleted = await deliveries.DeleteOlderAsync(now - options.Deliveries, DeliveriesPerBatch, cancellationToken).ConfigureAwait(false);
        return deleted < DeliveriesPerBatch ? RetentionBatch.Done(deleted) : new RetentionBatch(deleted, More);
    }
}
