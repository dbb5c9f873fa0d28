using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>What became of a posted body.</summary>
/// <param name="Number">Its number in its group.</param>
/// <param name="Body">The body.</param>
/// <param name="Read">What was found in it.</param>
/// <param name="ContentBytes">How long it is when decompressed.</param>
/// <param name="Stored">What was stored of it.</param>
/// <param name="Failure">Why it could not be read to its end; null where it was.</param>
internal sealed record BodyOutcome(
    int Number, PostedBody Body, SourceStatistics Read, long ContentBytes, StoredSpans Stored, string? Failure);
