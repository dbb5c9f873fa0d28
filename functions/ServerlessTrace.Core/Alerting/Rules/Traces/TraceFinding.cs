namespace ServerlessTrace.Core.Alerting.Rules.Traces;

/// <summary>What a trace rule found.</summary>
/// <param name="Service">The service of the span it is about.</param>
/// <param name="Operation">The name of that span.</param>
/// <param name="Observed">What was measured.</param>
/// <param name="Threshold">What the rule allows.</param>
/// <param name="Unit">The unit of both, as in <see cref="Notifications.AlertReport.Unit"/>.</param>
/// <param name="What">What is the matter, in a few words.</param>
public sealed record TraceFinding(string Service, string Operation, double Observed, double Threshold, string Unit, string What);
