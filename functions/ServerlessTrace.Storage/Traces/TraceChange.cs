namespace ServerlessTrace.Storage.Traces;

/// <summary>Late spans of a trace that is sealed, and what they make of it.</summary>
/// <param name="Late">The late spans.</param>
/// <param name="Read">The row as it was read.</param>
/// <param name="Merged">The row as it is to be.</param>
internal sealed record TraceChange(SealedTrace Late, StoredTrace Read, SealedTrace Merged);
