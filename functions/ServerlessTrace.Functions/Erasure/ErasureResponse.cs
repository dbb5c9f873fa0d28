using ServerlessTrace.Storage.Erasure;

namespace ServerlessTrace.Functions.Erasure;

/// <summary>An erasure's record as answered.</summary>
/// <param name="Id">The erasure.</param>
/// <param name="State"><c>running</c> or <c>done</c>.</param>
/// <param name="Key">The business key whose value was erased; null where one trace was.</param>
/// <param name="Hash">The keyed hash of what was erased.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="CompletedAt">When it was done.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="ByVerified">Whether the platform verified that.</param>
/// <param name="Reason">Why.</param>
/// <param name="Traces">Traces that were there and are erased.</param>
/// <param name="Counts">What was deleted or rewritten, by kind.</param>
/// <param name="Remaining">What is out of reach and may still hold some of it.</param>
internal sealed record ErasureResponse(
    string Id,
    string State,
    string? Key,
    string Hash,
    DateTimeOffset RequestedAt,
    DateTimeOffset? CompletedAt,
    string? By,
    bool ByVerified,
    string? Reason,
    long Traces,
    IReadOnlyDictionary<string, long> Counts,
    ErasureRemains Remaining)
{
    public static ErasureResponse Of(ErasureRecord record) => new(
        record.Id,
        record.State == ErasureState.Done ? "done" : "running",
        record.Key,
        record.Hash,
        record.RequestedAt,
        record.CompletedAt,
        record.By,
        record.IsByVerified,
        record.Reason,
        record.Traces,
        record.Counts,
        new ErasureRemains(record.Sources, record.SourceCount, record.Unsearched, record.MayBeForwarded));
}
