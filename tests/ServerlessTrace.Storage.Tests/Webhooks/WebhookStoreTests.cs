using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Payloads;
using ServerlessTrace.Core.Alerting.Webhooks;
using ServerlessTrace.Storage.Retention;
using ServerlessTrace.Storage.Webhooks;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Webhooks;

public sealed class WebhookStoreTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private SubscriptionStore Subscriptions => new(Clients, Clock);

    private DeliveryStore Deliveries => new(Clients);

    [Fact]
    public async Task A_subscription_comes_back_as_it_was()
    {
        WebhookSubscription subscription = New("pager") with
        {
            Format = PayloadFormat.PagerDuty,
            RoutingKey = "R0UT1NGK3Y",
            Filter = new WebhookFilter { Rules = ["a", "b"], Severities = [AlertSeverity.Critical], Services = ["žlutý 'kůň'"] },
            Description = "<b>&'\"",
            IsEnabled = false,
            DisabledReason = "gone",
            PreviousSecret = WebhookSecret.Generate(),
            PreviousSecretUntil = Clock.GetUtcNow().AddHours(1),
            CreatedAt = Clock.GetUtcNow(),
            UpdatedAt = Clock.GetUtcNow().AddMinutes(1),
        };

        await Subscriptions.TryWriteAsync(subscription, null, CancellationToken.None);
        WebhookSubscription back = (await Subscriptions.FindAsync("pager", CancellationToken.None))!.Subscription;

        Assert.Equivalent(subscription, back, strict: true);
        Assert.Equal(subscription.Secret.Reveal(), back.Secret.Reveal());
        Assert.Equal(subscription.PreviousSecret!.Reveal(), back.PreviousSecret!.Reveal());
        Assert.Equal("pager", Assert.Single(await Subscriptions.ReadAsync(CancellationToken.None)).Subscription.Id);
    }

    [Fact]
    public async Task Who_writes_over_what_somebody_else_changed_is_told_so()
    {
        StoredSubscription first = (await Subscriptions.TryWriteAsync(New("a"), null, CancellationToken.None))!;

        Assert.Null(await Subscriptions.TryWriteAsync(New("a"), null, CancellationToken.None));
        await Subscriptions.DisableAsync("a", "gone", CancellationToken.None);
        Assert.Null(await Subscriptions.TryWriteAsync(New("a"), first, CancellationToken.None));
        Assert.False(await Subscriptions.TryDeleteAsync(first, CancellationToken.None));
        Assert.False((await Subscriptions.FindAsync("a", CancellationToken.None))!.Subscription.IsEnabled);
    }

    [Fact]
    public async Task A_notification_and_its_delivery_come_back_as_they_were()
    {
        AlertNotification notification = Notification("n-1") with { FollowsId = "n-0" };
        WebhookDelivery delivery = Delivery("a", notification) with
        {
            FollowsId = "n-0",
            Format = PayloadFormat.Slack,
            State = DeliveryState.Dead,
            Reason = "no",
            NextAttemptAt = Clock.GetUtcNow().AddSeconds(5),
            EndedAt = Clock.GetUtcNow(),
            Replays = 2,
        };
        delivery = delivery.After(new DeliveryAttempt(Clock.GetUtcNow(), 1.5, 503, "\\u001b", "oh")).After(new DeliveryAttempt(Clock.GetUtcNow().AddSeconds(1), 2, null, string.Empty, null));

        await Deliveries.AddAsync(notification, CancellationToken.None);
        await Deliveries.AddAsync(notification, CancellationToken.None);
        Assert.True(await Deliveries.TryAddAsync(delivery, CancellationToken.None));
        Assert.False(await Deliveries.TryAddAsync(delivery, CancellationToken.None));

        Assert.Equivalent(notification, await Deliveries.FindNotificationAsync("n-1", CancellationToken.None), strict: true);
        Assert.Equivalent(delivery, (await Deliveries.FindAsync(delivery.Id, CancellationToken.None))!.Delivery, strict: true);
    }

    [Fact]
    public async Task Deliveries_are_read_newest_first_by_state_and_apart_by_subscription()
    {
        for (int i = 0; i < 6; i++)
        {
            AlertNotification notification = Notification($"n-{i}", Clock.GetUtcNow().AddMinutes(i));
            await Deliveries.TryAddAsync(Delivery(i == 5 ? "b" : "a", notification) with { State = i % 2 == 0 ? DeliveryState.Dead : DeliveryState.Pending }, CancellationToken.None);
        }

        Assert.Equal(["n-4", "n-3", "n-2", "n-1", "n-0"], await ListAsync(null));
        Assert.Equal(["n-4", "n-2", "n-0"], await ListAsync(DeliveryState.Dead));
        Assert.Equal(["n-3"], (await Deliveries.ReadPendingAsync("a", Clock.GetUtcNow().AddMinutes(2), CancellationToken.None)).Select(delivery => delivery.NotificationId));
        Assert.True(await Deliveries.IsPendingAsync("a", "n-1", Clock.GetUtcNow(), CancellationToken.None));
        Assert.False(await Deliveries.IsPendingAsync("a", "n-2", Clock.GetUtcNow(), CancellationToken.None));
        Assert.False(await Deliveries.IsPendingAsync("b", "n-1", Clock.GetUtcNow(), CancellationToken.None));

        await Deliveries.DeleteAsync("a", CancellationToken.None);
        Assert.Empty(await ListAsync(null));
        Assert.Single(await Deliveries.ReadPendingAsync("b", Clock.GetUtcNow(), CancellationToken.None));
    }

    [Fact]
    public async Task Of_many_attempts_the_latest_are_kept_and_fit_a_row()
    {
        WebhookDelivery delivery = Delivery("a", Notification("n-1"));
        for (int i = 0; i < 500; i++)
        {
            delivery = delivery.After(new DeliveryAttempt(Clock.GetUtcNow().AddSeconds(i), i, 500, new string('\u00ff', 501), new string('\u00ff', 501)));
        }

        Assert.True(await Deliveries.TryAddAsync(delivery, CancellationToken.None));
        WebhookDelivery back = (await Deliveries.FindAsync(delivery.Id, CancellationToken.None))!.Delivery;

        Assert.Equal(500, back.AttemptCount);
        Assert.Equal(Clock.GetUtcNow(), back.FirstAttemptAt);
        Assert.Equal(WebhookDelivery.AttemptsKept, back.Attempts.Count);
        Assert.Equal(499, back.Attempts[^1].LatencyMs);
    }

    [Fact]
    public async Task Old_deliveries_are_deleted_once_a_day_with_what_was_delivered()
    {
        var step = new ExpiredDeliveries(Deliveries, new RetentionOptions());
        DateTimeOffset today = DateTimeOffset.UtcNow.Date.AddHours(4);
        for (int i = 0; i < 250; i++)
        {
            AlertNotification notification = Notification($"n-{i}", today.AddDays(i % 2 == 0 ? 0 : 20));
            await Deliveries.AddAsync(notification, CancellationToken.None);
            await Deliveries.TryAddAsync(Delivery(i % 3 == 0 ? "a" : "b", notification), CancellationToken.None);
        }

        Assert.Equal(0, (await step.RunAsync(today.AddDays(29), null, CancellationToken.None)).Deleted);
        Assert.Equal(0, (await step.RunAsync(today.AddDays(40).AddHours(1), null, CancellationToken.None)).Deleted);
        Assert.Equal(125 + 250, (await step.RunAsync(today.AddDays(40), null, CancellationToken.None)).Deleted);
        Assert.Equal(125, (await RowsAsync(Clients.WebhookDeliveries)).Count);
        Assert.Equal(125, (await step.RunAsync(today.AddDays(51), null, CancellationToken.None)).Deleted);
        Assert.Empty(await RowsAsync(Clients.WebhookDeliveries));
    }

    [Theory]
    [InlineData("'")]
    [InlineData("a/b")]
    [InlineData("A")]
    [InlineData("")]
    public async Task What_is_no_id_finds_nothing(string id)
    {
        Assert.Null(await Subscriptions.FindAsync(id, CancellationToken.None));
        Assert.Null(await Deliveries.FindAsync(new DeliveryId("a", id), CancellationToken.None));
        Assert.Null(await Deliveries.FindAsync(new DeliveryId(id, Delivery("a", Notification("n-1")).Id.Key), CancellationToken.None));
        Assert.Empty(Requests.Requests);
    }

    private async Task<List<string>> ListAsync(DeliveryState? state)
    {
        var listed = new List<string>();
        await foreach (StoredDelivery stored in Deliveries.ReadAsync("a", state, null, CancellationToken.None))
        {
            listed.Add(stored.Delivery.NotificationId);
        }

        return listed;
    }

    private static WebhookSubscription New(string id) => new(id, new Uri("https://hooks.example.com/a?b=c"), WebhookSecret.Generate());

    private AlertNotification Notification(string id, DateTimeOffset? at = null) => new(
        id,
        NotificationType.Resolved,
        at ?? Clock.GetUtcNow(),
        new AlertReport("alert", "rule", AlertSeverity.Info, "žlutý \uD83D\uDE00\u0000")
        {
            Service = "s",
            Attributes = new Dictionary<string, string> { ["a/b#?'"] = "\\" },
            Window = new AlertWindow(Clock.GetUtcNow(), Clock.GetUtcNow().AddMinutes(1)),
            Observed = double.PositiveInfinity,
            Traces = [new AlertTrace("0af7651916cd43dd8448eb211c80319c", 1.5, "https://a")],
        });

    private WebhookDelivery Delivery(string subscription, AlertNotification notification) => new(
        DeliveryId.Of(subscription, notification.Id, notification.Timestamp), notification.Id, notification.Type, notification.Alert.AlertId, notification.Alert.Rule) { CreatedAt = Clock.GetUtcNow() };
}
