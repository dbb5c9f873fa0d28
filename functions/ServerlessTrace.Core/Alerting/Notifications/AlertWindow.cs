namespace ServerlessTrace.Core.Alerting.Notifications;

/// <summary>A stretch of time.</summary>
/// <param name="From">Its first moment.</param>
/// <param name="To">The moment after its last.</param>
public readonly record struct AlertWindow(DateTimeOffset From, DateTimeOffset To);
