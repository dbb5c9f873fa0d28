namespace ServerlessTrace.Storage.Retention;

/// <summary>What one batch of deletions did.</summary>
/// <param name="Deleted">How much it deleted.</param>
/// <param name="Next">Where the next batch goes on; null where nothing is left that is old enough.</param>
public sealed record RetentionBatch(int Deleted, string? Next)
{
    /// <summary>There is nothing more to be done.</summary>
    internal static RetentionBatch Done(int deleted = 0) => new(deleted, null);
}
