namespace ServerlessTrace.Storage.Sealing;

/// <summary>What one look at a shard did.</summary>
/// <param name="Sealed">Traces sealed for the first time.</param>
/// <param name="Resealed">Traces that got late spans and a new revision.</param>
/// <param name="Open">Traces left open whose newest part came before the time asked about.</param>
/// <param name="DueUnixMs">When the last of those turns quiet or too old, in ms since 1970 UTC; 0 where there is none.</param>
/// <param name="Unreadable">Chunks that are damaged, or of a later version; they stay as they are.</param>
/// <param name="Own">How many of the traces that could be sealed are of the service's own telemetry alone.</param>
public sealed record SealResult(int Sealed, int Resealed, int Open, long DueUnixMs, int Unreadable = 0, int Own = 0);
