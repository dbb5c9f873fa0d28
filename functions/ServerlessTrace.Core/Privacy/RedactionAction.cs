namespace ServerlessTrace.Core.Privacy;

/// <summary>What becomes of a value that is not to be stored.</summary>
public enum RedactionAction
{
    /// <summary>It is replaced by <see cref="Redactor.Mask"/>.</summary>
    Mask = 0,

    /// <summary>It is left out: an attribute as a whole, a match inside a text without a trace.</summary>
    Drop = 1,

    /// <summary>It is replaced by its keyed hash: equal values stay equal, and nobody without the key can tell what they were.</summary>
    Hash = 2,
}
