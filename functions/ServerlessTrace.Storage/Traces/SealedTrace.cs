using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Traces;

/// <summary>A trace's row: its packed spans, how often it was sealed, and the block that holds its summary.</summary>
/// <param name="Summary">What a search knows of it.</param>
/// <param name="Block">The block that holds, or is to hold, the summary.</param>
/// <param name="Packed">The packed merged spans.</param>
public sealed record SealedTrace(TraceSummary Summary, BlockKey Block, ReadOnlyMemory<byte> Packed);
