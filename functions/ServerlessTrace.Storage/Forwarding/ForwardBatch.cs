using Azure.Data.Tables;

namespace ServerlessTrace.Storage.Forwarding;

/// <summary>Traces that were sealed at one moment in one shard and wait to be forwarded.</summary>
/// <param name="PartitionKey">The shard's partition.</param>
/// <param name="Id">The batch's id: the key of the block of its traces.</param>
/// <param name="AddedAt">When it was added.</param>
/// <param name="Rows">Its rows.</param>
public sealed record ForwardBatch(string PartitionKey, string Id, DateTimeOffset AddedAt, IReadOnlyList<TableEntity> Rows);
