namespace ServerlessTrace.Core.Analysis.Business;

/// <summary>Something that happened in a transaction: a service was called, or something failed.</summary>
/// <param name="UnixNano">When it began, in ns since 1970 UTC.</param>
/// <param name="DurationNano">How long it took, in ns; null where it has not ended.</param>
/// <param name="Caller">The service that called; empty for the first one, or within a service.</param>
/// <param name="Service">The service that was called.</param>
/// <param name="Operation">What it was called for.</param>
/// <param name="Result">How it ended: <c>OK</c>, <c>ERROR</c> or <c>OPEN</c>.</param>
/// <param name="Reason">Why it failed, as far as it says; empty otherwise.</param>
/// <param name="SpanId">The span.</param>
public sealed record StoryStep(
    long UnixNano, long? DurationNano, string Caller, string Service, string Operation, string Result, string Reason, string SpanId);
