namespace ServerlessTrace.Functions.Alerting.WindowRules;

/// <summary>The input of a minute's evaluation.</summary>
/// <param name="EndUnixMs">The minute's end in ms since 1970 UTC.</param>
/// <param name="NotBeforeUnixMs">When it may begin, in ms since 1970 UTC: the traces of the minute are to be sealed then.</param>
public sealed record EvaluateMinute(long EndUnixMs, long NotBeforeUnixMs);
