namespace ServerlessTrace.Core.Alerting.Notifications;

/// <summary>What subscribers are told of an alert: that it fires, still fires, or is resolved.</summary>
/// <param name="Id">
/// Derives from rule, group and transition: whoever repeats the evaluation makes the same one. Letters, digits and hyphens, at most 64.
/// </param>
/// <param name="Type">What happened.</param>
/// <param name="Timestamp">When it happened: the evaluated window's end, or the trace's end.</param>
/// <param name="Alert">The alert as it stood then.</param>
/// <param name="FollowsId">The notification of the same alert that must reach a receiver before this one; null for the first.</param>
public sealed record AlertNotification(string Id, NotificationType Type, DateTimeOffset Timestamp, AlertReport Alert, string? FollowsId = null);
