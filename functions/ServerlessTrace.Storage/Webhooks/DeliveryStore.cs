using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Payloads;
using ServerlessTrace.Core.Alerting.Webhooks;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Webhooks;

/// <summary>
/// Notifications, each stored once however many subscriptions want it, and their deliveries: a partition a subscription, a row a delivery with
/// its log in it, the newest first.
/// </summary>
public sealed class DeliveryStore(StorageClients clients)
{
    private const string Notifications = "notification";
    private const int Version = 1;
    private const int RowsPerTransaction = 100;

    /// <summary>Stores a notification unless it is stored already.</summary>
    public async Task AddAsync(AlertNotification notification, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notification);
        var row = new TableEntity(Notifications, NotificationKey(notification.Id)) { ["Version"] = Version };
        PackedProperties.Write(row, JsonSerializer.SerializeToUtf8Bytes(notification, WebhookRowJson.Default.AlertNotification));
        await TryAddAsync(row, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A notification by its id; null where it is not stored, or no longer.</summary>
    public async Task<AlertNotification?> FindNotificationAsync(string id, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.WebhookDeliveries.GetEntityIfExistsAsync<TableEntity>(
            Notifications, NotificationKey(id), cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? JsonSerializer.Deserialize(PackedProperties.Read(found.Value!), WebhookRowJson.Default.AlertNotification) : null;
    }

    /// <summary>Erases from some pages of the notifications. Returns how many changed, and the next page.</summary>
    internal Task<(int Changed, string? Next)> EraseAsync(AlertErasure erasure, string? from, CancellationToken cancellationToken) => clients.WebhookDeliveries.LookAsync(
        TableClient.CreateQueryFilter($"PartitionKey eq {Notifications}"),
        null,
        from,
        async row =>
        {
            AlertNotification stored = JsonSerializer.Deserialize(PackedProperties.Read(row), WebhookRowJson.Default.AlertNotification)!;
            if (erasure.Erase(stored) is not { } rest)
            {
                return false;
            }

            var erased = new TableEntity(row.PartitionKey, row.RowKey) { ["Version"] = Version };
            PackedProperties.Write(erased, JsonSerializer.SerializeToUtf8Bytes(rest, WebhookRowJson.Default.AlertNotification));
            return await clients.WebhookDeliveries.TryReplaceAsync(erased, row.ETag, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Stores a new delivery; false where it exists.</summary>
    public Task<bool> TryAddAsync(WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return TryAddAsync(Write(delivery), cancellationToken);
    }

    /// <summary>A delivery by its id; null where there is none.</summary>
    public async Task<StoredDelivery?> FindAsync(DeliveryId id, CancellationToken cancellationToken)
    {
        if (!DeliveryId.IsValidKey(id.Key) || !WebhookSubscription.IsValidId(id.SubscriptionId))
        {
            return null;
        }

        NullableResponse<TableEntity> found = await clients.WebhookDeliveries.GetEntityIfExistsAsync<TableEntity>(
            PartitionOf(id.SubscriptionId), id.Key, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? Read(found.Value!) : null;
    }

    /// <summary>Replaces a delivery as it was read; false where someone else changed it meanwhile.</summary>
    public async Task<bool> TryReplaceAsync(WebhookDelivery delivery, ETag rowVersion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        try
        {
            await clients.WebhookDeliveries.UpdateEntityAsync(Write(delivery), rowVersion, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            return false;
        }
    }

    /// <summary>A subscription's deliveries, the newest first.</summary>
    /// <param name="subscriptionId">The subscription.</param>
    /// <param name="state">Only those in this state; null for all.</param>
    /// <param name="afterKey">Only those after this one in the list; null for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<StoredDelivery> ReadAsync(
        string subscriptionId, DeliveryState? state, string? afterKey, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {PartitionOf(subscriptionId)} and RowKey gt {afterKey ?? string.Empty}");
        if (state is { } wanted)
        {
            filter += TableClient.CreateQueryFilter($" and State eq {wanted.ToString()}");
        }

        await foreach (TableEntity row in clients.WebhookDeliveries.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            yield return Read(row);
        }
    }

    /// <summary>A subscription's pending deliveries of notifications since a time.</summary>
    public async Task<List<WebhookDelivery>> ReadPendingAsync(string subscriptionId, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var pending = new List<WebhookDelivery>();
        await foreach (TableEntity row in clients.WebhookDeliveries.QueryAsync<TableEntity>(
            PendingSince(subscriptionId, since), cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            pending.Add(Read(row).Delivery);
        }

        return pending;
    }

    /// <summary>Whether a notification since a time is still to be delivered to a subscription.</summary>
    public async Task<bool> IsPendingAsync(string subscriptionId, string notificationId, DateTimeOffset since, CancellationToken cancellationToken)
    {
        string filter = PendingSince(subscriptionId, since) + TableClient.CreateQueryFilter($" and NotificationId eq {notificationId}");
        await foreach (TableEntity _ in clients.WebhookDeliveries.QueryAsync<TableEntity>(
            filter, select: ["RowKey"], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        return false;
    }

    /// <summary>Deletes all deliveries of a subscription.</summary>
    public async Task DeleteAsync(string subscriptionId, CancellationToken cancellationToken)
    {
        await DeleteAsync(TableClient.CreateQueryFilter($"PartitionKey eq {PartitionOf(subscriptionId)}"), int.MaxValue, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes deliveries and notifications that are older than a time, so many at most, and returns how many.</summary>
    public async Task<int> DeleteOlderAsync(DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        // Keys of deliveries are digits first, the older the higher.
        string old = TableClient.CreateQueryFilter($"RowKey gt {DeliveryId.KeyPrefix(before)} and RowKey lt {"a"}");
        int deleted = await DeleteAsync(old, most, cancellationToken).ConfigureAwait(false);
        string told = TableClient.CreateQueryFilter($"PartitionKey eq {Notifications} and Timestamp lt {before}");
        return deleted + await DeleteAsync(told, most - deleted, cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> DeleteAsync(string filter, int most, CancellationToken cancellationToken)
    {
        var rows = new List<TableEntity>();
        await foreach (TableEntity row in clients.WebhookDeliveries.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (rows.Count == most)
            {
                break;
            }

            rows.Add(row);
        }

        foreach (TableEntity[] group in rows.GroupBy(static row => row.PartitionKey).SelectMany(static partition => partition.Chunk(RowsPerTransaction)))
        {
            await clients.WebhookDeliveries.SubmitTransactionAsync(
                group.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancellationToken).ConfigureAwait(false);
        }

        return rows.Count;
    }

    private static string PartitionOf(string subscriptionId) => $"to-{subscriptionId}";

    // Ids of notifications are letters, digits and hyphens; of deliveries, which share the table, they begin with a digit.
    private static string NotificationKey(string id) => $"n-{id}";

    private static string PendingSince(string subscriptionId, DateTimeOffset since) => TableClient.CreateQueryFilter(
        $"PartitionKey eq {PartitionOf(subscriptionId)} and RowKey lt {DeliveryId.KeyPrefix(since)} and State eq {nameof(DeliveryState.Pending)}");

    private async Task<bool> TryAddAsync(TableEntity row, CancellationToken cancellationToken)
    {
        try
        {
            await clients.WebhookDeliveries.AddEntityAsync(row, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status == 409)
        {
            return false;
        }
    }

    private static TableEntity Write(WebhookDelivery delivery)
    {
        var row = new TableEntity(PartitionOf(delivery.Id.SubscriptionId), delivery.Id.Key)
        {
            ["Version"] = Version,
            ["SubscriptionId"] = delivery.Id.SubscriptionId,
            ["NotificationId"] = delivery.NotificationId,
            ["FollowsId"] = delivery.FollowsId,
            ["Type"] = delivery.Type.ToString(),
            ["AlertId"] = delivery.AlertId,
            ["Rule"] = delivery.Rule,
            ["Format"] = delivery.Format.ToString(),
            ["CreatedAt"] = delivery.CreatedAt,
            ["State"] = delivery.State.ToString(),
            ["Reason"] = delivery.Reason,
            ["NextAttemptAt"] = delivery.NextAttemptAt,
            ["EndedAt"] = delivery.EndedAt,
            ["AttemptCount"] = delivery.AttemptCount,
            ["Replays"] = delivery.Replays,
        };
        if (delivery.AttemptCount > 0)
        {
            row["FirstAttemptAt"] = delivery.FirstAttemptAt;
        }

        PackedProperties.Write(row, JsonSerializer.SerializeToUtf8Bytes(delivery.Attempts, WebhookRowJson.Default.IReadOnlyListDeliveryAttempt));
        return row;
    }

    private static StoredDelivery Read(TableEntity row)
    {
        var delivery = new WebhookDelivery(
            new DeliveryId(row.GetString("SubscriptionId"), row.RowKey),
            row.GetString("NotificationId"),
            Enum.Parse<NotificationType>(row.GetString("Type")),
            row.GetString("AlertId"),
            row.GetString("Rule"))
        {
            FollowsId = row.GetString("FollowsId"),
            Format = Enum.Parse<PayloadFormat>(row.GetString("Format")),
            CreatedAt = row.GetDateTimeOffset("CreatedAt") ?? default,
            State = Enum.Parse<DeliveryState>(row.GetString("State")),
            Reason = row.GetString("Reason"),
            NextAttemptAt = row.GetDateTimeOffset("NextAttemptAt"),
            EndedAt = row.GetDateTimeOffset("EndedAt"),
            AttemptCount = row.GetInt32("AttemptCount") ?? 0,
            FirstAttemptAt = row.GetDateTimeOffset("FirstAttemptAt") ?? default,
            Replays = row.GetInt32("Replays") ?? 0,
            Attempts = JsonSerializer.Deserialize(PackedProperties.Read(row), WebhookRowJson.Default.IReadOnlyListDeliveryAttempt) ?? [],
        };
        return new StoredDelivery(delivery, row.ETag);
    }
}
