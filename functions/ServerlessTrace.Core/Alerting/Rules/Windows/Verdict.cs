namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>What a rule says of a group at the end of a window.</summary>
/// <param name="Outcome">How it stands.</param>
/// <param name="Observed">What was measured.</param>
/// <param name="Threshold">What is allowed.</param>
/// <param name="Unit">The unit of both, as in <see cref="Notifications.AlertReport.Unit"/>.</param>
/// <param name="What">What was measured, in words.</param>
public readonly record struct Verdict(Outcome Outcome, double Observed, double Threshold, string Unit, string What)
{
    /// <summary>Nothing can be said: there were too few samples.</summary>
    internal static Verdict Unknown(string unit, string what) => new(Outcome.Unknown, 0, 0, unit, what);
}
