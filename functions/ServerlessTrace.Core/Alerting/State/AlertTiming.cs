namespace ServerlessTrace.Core.Alerting.State;

/// <summary>How fast alert state changes.</summary>
/// <param name="For">How long the threshold must be breached before the alert fires.</param>
/// <param name="ResolveAfter">How long all must be well before it is resolved.</param>
/// <param name="RepeatInterval">After what time an alert that still fires is told of again.</param>
public sealed record AlertTiming(TimeSpan For, TimeSpan ResolveAfter, TimeSpan RepeatInterval);
