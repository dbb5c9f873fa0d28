namespace ServerlessTrace.Functions.Alerting.WindowRules;

/// <summary>The input of the activity that evaluates rules.</summary>
/// <param name="Rules">The ids of the rules.</param>
/// <param name="EndUnixMs">The minute's end in ms since 1970 UTC.</param>
public sealed record EvaluateRules(IReadOnlyList<string> Rules, long EndUnixMs);
