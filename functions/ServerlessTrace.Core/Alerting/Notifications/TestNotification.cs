namespace ServerlessTrace.Core.Alerting.Notifications;

/// <summary>What a subscription is tested with: it looks like an alert of the lowest severity, and says that it is none.</summary>
public static class TestNotification
{
    /// <summary>A notification of its own at each call.</summary>
    public static AlertNotification New(DateTimeOffset now)
    {
        string id = $"test-{Guid.NewGuid():n}";
        var alert = new AlertReport(id, "test", AlertSeverity.Info, "This is a test of ServerlessTrace's webhooks. Nothing is wrong.")
        {
            Window = new AlertWindow(now.AddMinutes(-1), now),
        };
        return new AlertNotification(id, NotificationType.Firing, now, alert);
    }
}
