namespace ServerlessTrace.Storage.Traces;

/// <summary>A trace that could not be added because its row exists.</summary>
/// <param name="Late">What was to be added.</param>
/// <param name="Stored">The row that exists; null where it was not read.</param>
internal sealed record ExistingTrace(SealedTrace Late, StoredTrace? Stored);
