using ServerlessTrace.Storage.Erasure;

namespace ServerlessTrace.Functions.Erasure;

/// <summary>What an erasure does not reach.</summary>
/// <param name="Sources">Blobs in <c>span-logs</c> with records of what was erased, the first 1,000, and until when each is kept; null for as long as its owner keeps it.</param>
/// <param name="SourceCount">How many such blobs there are.</param>
/// <param name="UnsearchedCopies">Compressed or binary copies in <c>rejected</c>, which nobody can search.</param>
/// <param name="Forwarded">Whether traces are forwarded, so that their receiver may have them.</param>
internal sealed record ErasureRemains(IReadOnlyList<ErasureSource> Sources, long SourceCount, long UnsearchedCopies, bool Forwarded);
