namespace ServerlessTrace.Storage.Progress;

/// <summary>
/// What one invocation is about to read of a blob. Fixed before reading, so that after a crash the same part is read again
/// and writes the same rows.
/// </summary>
/// <param name="Until">When others may take the claim over.</param>
/// <param name="End">Where the part ends, in bytes from the blob's start.</param>
/// <param name="IsFinal">Whether an incomplete record at the end is taken as it is.</param>
/// <param name="ModifiedAt">When the blob had last been written to; the time of the receipt.</param>
/// <param name="Attempts">How often this part was begun.</param>
public sealed record BlobClaim(DateTimeOffset Until, long End, bool IsFinal, DateTimeOffset ModifiedAt, int Attempts);
