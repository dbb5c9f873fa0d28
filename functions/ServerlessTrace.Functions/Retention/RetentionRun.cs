namespace ServerlessTrace.Functions.Retention;

/// <summary>The input of a retention's orchestration.</summary>
/// <param name="NowUnixMs">The time that ages are counted to, in ms since 1970 UTC: the same for all of its batches.</param>
/// <param name="Step">The kind of thing that is being deleted, as a number in the order of the steps.</param>
/// <param name="From">Where that kind goes on; null at its start.</param>
public sealed record RetentionRun(long NowUnixMs, int Step = 0, string? From = null);
