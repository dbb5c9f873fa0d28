namespace ServerlessTrace.Storage.Retention;

/// <summary>
/// Deletes one kind of what is stored once it is old enough, batch by batch. A batch is bounded, and may be repeated: after a crash the same one
/// finds what is left of its work.
/// </summary>
public interface IRetentionStep
{
    /// <summary>What is deleted, in a word, for the log.</summary>
    string Name { get; }

    /// <summary>Deletes a batch.</summary>
    /// <param name="now">The time that ages are counted to.</param>
    /// <param name="from">Where the batch before said to go on; null for the first.</param>
    /// <param name="cancellationToken">Cancels; a repetition goes on.</param>
    Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken);
}
