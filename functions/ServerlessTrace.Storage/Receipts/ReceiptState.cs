namespace ServerlessTrace.Storage.Receipts;

/// <summary>What became of a source.</summary>
public enum ReceiptState
{
    /// <summary>Every record became a span or an event.</summary>
    Complete = 0,

    /// <summary>Some records were rejected; the others are kept.</summary>
    Partial = 1,

    /// <summary>Nothing could be read; the source is in the container of rejected ones.</summary>
    Failed = 2,
}
