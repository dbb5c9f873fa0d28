namespace ServerlessTrace.Storage.Retention;

/// <summary>What a row of blocks has lost already.</summary>
internal enum ExpiryStage
{
    /// <summary>Nothing.</summary>
    Whole = 0,

    /// <summary>Ordinary traces are off its list.</summary>
    Shortened = 1,

    /// <summary>All it listed, and what that added up to. It stays only because other rows of its hour do.</summary>
    Emptied = 2,
}
