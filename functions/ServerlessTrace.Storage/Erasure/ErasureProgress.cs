namespace ServerlessTrace.Storage.Erasure;

/// <summary>What one batch of an erasure did.</summary>
/// <param name="Erased">How many rows or blobs it deleted or rewrote.</param>
/// <param name="Next">Where the next batch goes on; null where nothing is left.</param>
/// <param name="Unsearched">Of how many blobs nobody can say whether they hold any of it.</param>
public sealed record ErasureProgress(int Erased, string? Next, int Unsearched = 0);
