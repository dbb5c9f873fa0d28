using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Search;

/// <summary>One page of a search.</summary>
/// <param name="Traces">The traces, newest first.</param>
/// <param name="Next">Where the next page begins; null where there is none.</param>
public sealed record TracePage(IReadOnlyList<TraceSummary> Traces, TraceCursor? Next);
