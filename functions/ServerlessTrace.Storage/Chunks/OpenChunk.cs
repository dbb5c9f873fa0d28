using Azure;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Chunks;

/// <summary>Span parts of one source and shard that are not all sealed yet.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="RowKey">The row's key.</param>
/// <param name="ETag">The row's version.</param>
/// <param name="WrittenAt">When the parts were first stored.</param>
/// <param name="Packed">The packed parts, those of one trace together.</param>
/// <param name="SpilledTo">The blob that holds the packed parts; null where the row does.</param>
public sealed record OpenChunk(Shard Shard, string RowKey, ETag ETag, DateTimeOffset WrittenAt, ReadOnlyMemory<byte> Packed, string? SpilledTo);
