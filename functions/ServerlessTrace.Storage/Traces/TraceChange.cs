using ServerlessTrace.Storage.Blocks;

namespace ServerlessTrace.Storage.Traces;

/// <summary>Late spans of a trace that is sealed, and what they make of it.</summary>
/// <param name="Late">The late spans.</param>
/// <param name="Read">The row as it was read.</param>
/// <param name="Former">The revision that was read, which must be in its block before another one is made.</param>
/// <param name="Merged">The row as it is to be; null where all of the late spans are in the row that was read.</param>
internal sealed record TraceChange(SealedTrace Late, StoredTrace Read, BlockEntry Former, SealedTrace? Merged);
