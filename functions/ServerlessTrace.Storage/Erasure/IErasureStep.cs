namespace ServerlessTrace.Storage.Erasure;

/// <summary>
/// Erases traces from one kind of what is stored, batch by batch. A batch is bounded, and may be repeated: after a crash the same one finds what is left of its work.
/// </summary>
public interface IErasureStep
{
    /// <summary>What is erased, in a word, for the record; null for a step that only prepares.</summary>
    string? Name { get; }

    /// <summary>Erases a batch.</summary>
    /// <param name="scope">What is to be erased.</param>
    /// <param name="from">Where the batch before said to go on; null for the first.</param>
    /// <param name="cancellationToken">Cancels; a repetition goes on.</param>
    Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken);
}
