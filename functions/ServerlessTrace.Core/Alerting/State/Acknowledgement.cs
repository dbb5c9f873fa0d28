namespace ServerlessTrace.Core.Alerting.State;

/// <summary>Somebody knows of an alert.</summary>
/// <param name="By">Who, as they said.</param>
/// <param name="At">When they said so.</param>
/// <param name="Comment">What they said; null for nothing.</param>
public sealed record Acknowledgement(string By, DateTimeOffset At, string? Comment = null);
