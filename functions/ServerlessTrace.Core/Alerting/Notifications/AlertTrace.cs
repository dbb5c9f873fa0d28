namespace ServerlessTrace.Core.Alerting.Notifications;

/// <summary>A trace that explains an alert.</summary>
/// <param name="TraceId">Its id, 32 lower-case hex digits.</param>
/// <param name="DurationMs">How long it took, in ms.</param>
/// <param name="ReportUrl">Where its report is read without a key; null until a link was made.</param>
public sealed record AlertTrace(string TraceId, double DurationMs, string? ReportUrl = null);
