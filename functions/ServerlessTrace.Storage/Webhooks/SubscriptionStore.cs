using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Alerting.Payloads;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Storage.Webhooks;

/// <summary>Webhook subscriptions: a row each, all in one partition, since they are few and mostly read together.</summary>
public sealed class SubscriptionStore(StorageClients clients, TimeProvider clock)
{
    private const string Partition = "webhook";
    private const int Version = 1;

    /// <summary>All subscriptions by id.</summary>
    public async Task<List<StoredSubscription>> ReadAsync(CancellationToken cancellationToken)
    {
        var subscriptions = new List<StoredSubscription>();
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition}");
        await foreach (TableEntity row in clients.Webhooks.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            subscriptions.Add(Read(row));
        }

        return subscriptions;
    }

    /// <summary>A subscription by its id; null where there is none.</summary>
    public async Task<StoredSubscription?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!WebhookSubscription.IsValidId(id))
        {
            return null;
        }

        NullableResponse<TableEntity> found = await clients.Webhooks.GetEntityIfExistsAsync<TableEntity>(
            Partition, RowKey(id), cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? Read(found.Value!) : null;
    }

    /// <summary>Adds a subscription, or replaces the one that was read.</summary>
    /// <param name="subscription">What to store.</param>
    /// <param name="read">What is replaced; null for a new one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The subscription as stored; null where someone else was faster.</returns>
    public async Task<StoredSubscription?> TryWriteAsync(WebhookSubscription subscription, StoredSubscription? read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        try
        {
            Response response = read is null
                ? await clients.Webhooks.AddEntityAsync(Write(subscription), cancellationToken).ConfigureAwait(false)
                : await clients.Webhooks.UpdateEntityAsync(Write(subscription), read.RowVersion, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
            return new StoredSubscription(subscription, response.Headers.ETag ?? default);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            return null;
        }
    }

    /// <summary>Disables a subscription, however it was changed meanwhile.</summary>
    public async Task DisableAsync(string id, string reason, CancellationToken cancellationToken)
    {
        while (await FindAsync(id, cancellationToken).ConfigureAwait(false) is { Subscription.IsEnabled: true } read)
        {
            WebhookSubscription disabled = read.Subscription with { IsEnabled = false, DisabledReason = reason, UpdatedAt = clock.GetUtcNow() };
            if (await TryWriteAsync(disabled, read, cancellationToken).ConfigureAwait(false) is not null)
            {
                return;
            }
        }
    }

    /// <summary>Deletes a subscription as it was read; false where someone else changed it meanwhile.</summary>
    public async Task<bool> TryDeleteAsync(StoredSubscription read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(read);
        try
        {
            await clients.Webhooks.DeleteEntityAsync(Partition, RowKey(read.Subscription.Id), read.RowVersion, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            return false;
        }
    }

    private static string RowKey(string id) => $"{Partition}-{id}";

    private static TableEntity Write(WebhookSubscription subscription)
    {
        var row = new TableEntity(Partition, RowKey(subscription.Id))
        {
            ["Version"] = Version,
            ["Id"] = subscription.Id,
            ["Url"] = subscription.Url.OriginalString,
            ["Secret"] = subscription.Secret.Reveal(),
            ["Format"] = subscription.Format.ToString(),
            ["Filter"] = JsonSerializer.Serialize(subscription.Filter, WebhookRowJson.Default.WebhookFilter),
            ["Description"] = subscription.Description,
            ["RoutingKey"] = subscription.RoutingKey,
            ["IsEnabled"] = subscription.IsEnabled,
            ["DisabledReason"] = subscription.DisabledReason,
            ["CreatedAt"] = subscription.CreatedAt,
            ["UpdatedAt"] = subscription.UpdatedAt,
        };
        if (subscription.PreviousSecret is { } previous)
        {
            row["PreviousSecret"] = previous.Reveal();
            row["PreviousSecretUntil"] = subscription.PreviousSecretUntil;
        }

        return row;
    }

    private static StoredSubscription Read(TableEntity row)
    {
        var subscription = new WebhookSubscription(row.GetString("Id"), new Uri(row.GetString("Url")), Secret(row, "Secret")!)
        {
            Format = Enum.Parse<PayloadFormat>(row.GetString("Format")),
            Filter = JsonSerializer.Deserialize(row.GetString("Filter"), WebhookRowJson.Default.WebhookFilter) ?? WebhookFilter.All,
            Description = row.GetString("Description") ?? string.Empty,
            RoutingKey = row.GetString("RoutingKey"),
            IsEnabled = row.GetBoolean("IsEnabled") ?? true,
            DisabledReason = row.GetString("DisabledReason"),
            PreviousSecret = Secret(row, "PreviousSecret"),
            PreviousSecretUntil = row.GetDateTimeOffset("PreviousSecretUntil") ?? default,
            CreatedAt = row.GetDateTimeOffset("CreatedAt") ?? default,
            UpdatedAt = row.GetDateTimeOffset("UpdatedAt") ?? default,
        };
        return new StoredSubscription(subscription, row.ETag);
    }

    private static WebhookSecret? Secret(TableEntity row, string property) => WebhookSecret.TryParse(row.GetString(property), out WebhookSecret? secret) ? secret : null;
}
