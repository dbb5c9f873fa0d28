namespace ServerlessTrace.Core.Alerting.Notifications;

/// <summary>What a notification says.</summary>
public enum NotificationType
{
    /// <summary>The alert fires, or still fires after its repeat interval (<c>alert.firing</c>).</summary>
    Firing = 0,

    /// <summary>What the alert was about is over (<c>alert.resolved</c>).</summary>
    Resolved = 1,
}
