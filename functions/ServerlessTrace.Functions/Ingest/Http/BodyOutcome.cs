using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>What became of a posted body.</summary>
/// <param name="Number">Its number in its group.</param>
/// <param name="Body">The body.</param>
/// <param name="Read">What was found in it.</param>
/// <param name="ContentBytes">How long it is when decompressed.</param>
/// <param name="Spans">Span parts stored.</param>
/// <param name="Redacted">Values redacted.</param>
/// <param name="Traces">Traces they belong to.</param>
/// <param name="Failure">Why it could not be read to its end; null where it was.</param>
internal sealed record BodyOutcome(
    int Number, PostedBody Body, SourceStatistics Read, long ContentBytes, long Spans, long Redacted, IReadOnlySet<TraceId> Traces, string? Failure);
