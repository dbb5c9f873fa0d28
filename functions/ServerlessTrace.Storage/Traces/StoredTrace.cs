using Azure;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Traces;

/// <summary>A trace's row as read.</summary>
/// <param name="Revision">How often the trace was sealed, counted from 1.</param>
/// <param name="Block">The block that holds, or is to hold, its summary.</param>
/// <param name="Count">How many traces it stands for.</param>
/// <param name="Difference">What this revision adds to its block's aggregates, encoded; empty for the first.</param>
/// <param name="Packed">The packed merged spans.</param>
/// <param name="ETag">The row's version.</param>
/// <param name="SpilledTo">The blob that holds the packed spans; null where the row does.</param>
internal sealed record StoredTrace(
    int Revision, BlockKey Block, AdjustedCount Count, ReadOnlyMemory<byte> Difference, ReadOnlyMemory<byte> Packed, ETag ETag, string? SpilledTo);
