namespace ServerlessTrace.Functions.Api.Links;

/// <summary>What a signed link is worth.</summary>
public enum LinkState
{
    /// <summary>It was not signed here for this path, or not all of it is there.</summary>
    Invalid = 0,

    /// <summary>It opens.</summary>
    Valid = 1,

    /// <summary>It opened once, and its time is over.</summary>
    Expired = 2,
}
