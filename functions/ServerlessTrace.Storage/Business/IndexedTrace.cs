namespace ServerlessTrace.Storage.Business;

/// <summary>Where a trace that has a business value is.</summary>
/// <param name="Hour">The hour of its block, or, while it is open, of what is known of it; in hours since 1970 UTC.</param>
/// <param name="StartUnixNano">When it began, in ns since 1970 UTC; null where only the trace itself tells.</param>
public readonly record struct IndexedTrace(int Hour, long? StartUnixNano);
