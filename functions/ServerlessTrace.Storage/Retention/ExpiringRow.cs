using Azure.Data.Tables;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Retention;

/// <summary>The keys of a row of blocks.</summary>
/// <param name="PartitionKey">Its partition: the hour.</param>
/// <param name="RowKey">Its key.</param>
/// <param name="AgesFrom">What its age is counted from.</param>
/// <param name="Stage">What it has lost already.</param>
internal sealed record ExpiringRow(string PartitionKey, string RowKey, DateTimeOffset AgesFrom, ExpiryStage Stage)
{
    /// <summary>The property of the stage.</summary>
    public const string StageProperty = "Expired";

    /// <summary>What has to be read of a row.</summary>
    public static readonly string[] Properties = ["PartitionKey", "RowKey", MergedBlockRow.Newest, StageProperty];

    /// <summary>Whether it is a merged row, or one of those that tell how far the hour is merged.</summary>
    public bool IsMerged => RowKey.StartsWith(MergedBlockKey.First, StringComparison.Ordinal);

    /// <summary>A row's; the hour's state and its guards hold nothing, and go with the last merged row.</summary>
    public static ExpiringRow Of(TableEntity row)
    {
        int hour = BlockKey.HourOf(row.PartitionKey);
        long? sealedAt = BlockKey.TryParse(row.RowKey, out BlockKey block) ? block.SealedAtUnixMs : row.GetInt64(MergedBlockRow.Newest);
        ExpiryStage stage = sealedAt is null ? ExpiryStage.Emptied : (ExpiryStage)(row.GetInt32(StageProperty) ?? 0);
        return new ExpiringRow(row.PartitionKey, row.RowKey, BlockKey.AgesFrom(hour, sealedAt ?? 0), stage);
    }
}
