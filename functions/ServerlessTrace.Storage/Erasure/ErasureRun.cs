namespace ServerlessTrace.Storage.Erasure;

/// <summary>How far an erasure's orchestration has come; it never says what is erased.</summary>
/// <param name="Id">The erasure's id.</param>
/// <param name="Hash">The keyed hash of what is erased.</param>
/// <param name="Step">The step that is next, as a number in the order of the steps.</param>
/// <param name="From">Where that step goes on; null at its start.</param>
/// <param name="DueUnixMs">When that step is due, in ms since 1970 UTC; 0 for at once.</param>
public sealed record ErasureRun(string Id, string Hash, int Step = 0, string? From = null, long DueUnixMs = 0)
{
    /// <summary>What was erased so far, by kind.</summary>
    public IReadOnlyDictionary<string, long> Counts { get; init; } = new Dictionary<string, long>();

    /// <summary>Blobs of which nobody can say whether they hold any of it.</summary>
    public long Unsearched { get; init; }
}
