using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Storage.Rows;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>
/// The rows of blocks: summaries and aggregates in properties of their own, so that a search reads the ones and a statistic the others. What does not
/// fit into a row lies in a blob that the row names.
/// </summary>
internal sealed class BlockRows(StorageClients clients)
{
    private static readonly BlockPart Summaries = new("Blob", ["P", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"]);
    private static readonly BlockPart Aggregates = new("AggregatesBlob", ["A", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"]);
    private static readonly string[] Keys = ["PartitionKey", "RowKey", "Timestamp"];

    /// <summary>The properties that a search reads.</summary>
    public static IReadOnlyList<string> SummaryProperties { get; } = [.. Keys, Summaries.SpilledTo, .. Summaries.Properties];

    /// <summary>The properties that a statistic reads.</summary>
    public static IReadOnlyList<string> AggregateProperties { get; } = [.. Keys, MergedBlockRow.Merged, Aggregates.SpilledTo, .. Aggregates.Properties];

    /// <summary>The row of a block; what is too big for it is first written to a blob.</summary>
    public async Task<TableEntity> ToRowAsync(
        string partitionKey, string rowKey, IReadOnlyCollection<TraceSummary> summaries, TraceAggregates aggregates, CancellationToken cancellationToken)
    {
        var row = new TableEntity(partitionKey, rowKey);
        byte[] first = SummaryBlockEncoding.Write(summaries);
        byte[] second = aggregates.IsEmpty ? [] : AggregateEncoding.Write(aggregates);
        bool fits = first.Length + second.Length <= PackedProperties.MaxBytes;
        bool firstFits = fits || (first.Length < second.Length && first.Length <= PackedProperties.MaxBytes);
        bool secondFits = fits || (!firstFits && second.Length <= PackedProperties.MaxBytes);
        await WriteAsync(row, Summaries, first, firstFits, cancellationToken).ConfigureAwait(false);
        await WriteAsync(row, Aggregates, second, secondFits, cancellationToken).ConfigureAwait(false);
        return row;
    }

    /// <summary>A block's summaries, of a row read with at least <see cref="SummaryProperties"/>.</summary>
    public async Task<List<TraceSummary>> ReadSummariesAsync(TableEntity row, CancellationToken cancellationToken) =>
        await ReadAsync(row, Summaries, cancellationToken).ConfigureAwait(false) is { Length: > 0 } bytes ? SummaryBlockEncoding.Read(bytes) : [];

    /// <summary>A block's aggregates, of a row read with at least <see cref="AggregateProperties"/>.</summary>
    public async Task<TraceAggregates> ReadAggregatesAsync(TableEntity row, CancellationToken cancellationToken) =>
        await ReadAsync(row, Aggregates, cancellationToken).ConfigureAwait(false) is { Length: > 0 } bytes ? AggregateEncoding.Read(bytes) : new TraceAggregates();

    /// <summary>All that a block holds.</summary>
    public async Task<BlockContent> ReadAsync(TableEntity row, CancellationToken cancellationToken) => new(
        await ReadSummariesAsync(row, cancellationToken).ConfigureAwait(false), await ReadAggregatesAsync(row, cancellationToken).ConfigureAwait(false));

    /// <summary>Deletes the blobs that a row named that was replaced, deleted, or never written.</summary>
    public async Task DeleteSpilledAsync(TableEntity row, CancellationToken cancellationToken)
    {
        foreach (string property in new[] { Summaries.SpilledTo, Aggregates.SpilledTo })
        {
            if (row.GetString(property) is { } blob)
            {
                await clients.Spilled.DeleteBlobIfExistsAsync(blob, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task WriteAsync(TableEntity row, BlockPart part, byte[] bytes, bool fits, CancellationToken cancellationToken)
    {
        if (bytes.Length == 0)
        {
            return;
        }

        if (fits)
        {
            PackedProperties.Write(row, part.Properties, bytes);
            return;
        }

        string blob = $"blocks/{row.RowKey}/{Guid.NewGuid():n}";
        await clients.Spilled.GetBlobClient(blob).UploadAsync(BinaryData.FromBytes(bytes), overwrite: true, cancellationToken).ConfigureAwait(false);
        row[part.SpilledTo] = blob;
    }

    private async Task<byte[]> ReadAsync(TableEntity row, BlockPart part, CancellationToken cancellationToken)
    {
        if (row.GetString(part.SpilledTo) is not { } blob)
        {
            return PackedProperties.Read(row, part.Properties);
        }

        try
        {
            return (await clients.Spilled.GetBlobClient(blob).DownloadContentAsync(cancellationToken).ConfigureAwait(false)).Value.Content.ToArray();
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            // The block was replaced since the row was read: read it as it is now.
            TableEntity current = await clients.TraceBlocks.GetEntityAsync<TableEntity>(
                row.PartitionKey, row.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
            return current.ETag != row.ETag
                ? await ReadAsync(current, part, cancellationToken).ConfigureAwait(false)
                : throw new InvalidDataException($"A part of block '{row.RowKey}' should be in blob '{blob}', which does not exist.", exception);
        }
    }

    /// <summary>A part of a block that is read for itself.</summary>
    /// <param name="SpilledTo">The property that names its blob.</param>
    /// <param name="Properties">The properties that hold its bytes.</param>
    private sealed record BlockPart(string SpilledTo, IReadOnlyList<string> Properties);
}
