namespace ServerlessTrace.Storage.Receipts;

/// <summary>A part of a blob.</summary>
/// <param name="From">Its first byte, counted from 0.</param>
/// <param name="To">The byte behind its last.</param>
public sealed record ByteRange(long From, long To);
