using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Rows;
using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Storage.Receipts;

/// <summary>Receipts, the newest first.</summary>
public sealed class ReceiptStore(StorageClients clients)
{
    private const string Erased = "[erased]";
    private const int TextLimit = 30_000;
    private const int RejectionBytes = 256 * 1024;

    /// <summary>Short of the 100 that are allowed: texts of 30,000 characters must fit 4 MiB.</summary>
    private const int RowsPerTransaction = 25;

    private static readonly string[] Keys = ["PartitionKey", "RowKey"];

    private static readonly string[] CountedProperties =
        ["PartitionKey", "RowKey", "Source", "State", "Bytes", "Records", "Spans", "Services", "Rejected", "Redacted", "Erased"];

    /// <summary>Whether a source has been read to its end.</summary>
    public async Task<bool> ExistsAsync(ReceiptId id, CancellationToken cancellationToken) =>
        (await clients.Receipts.GetEntityIfExistsAsync<TableEntity>(
            id.PartitionKey, id.RowKey, ["PartitionKey"], cancellationToken).ConfigureAwait(false)).HasValue;

    /// <summary>Writes a receipt over an earlier one of the same source.</summary>
    public Task WriteAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        return clients.Receipts.UpsertEntityAsync(ToRow(receipt), TableUpdateMode.Replace, cancellationToken);
    }

    /// <summary>Writes receipts over earlier ones of the same sources, in as few requests as may be.</summary>
    public Task WriteAsync(IReadOnlyCollection<Receipt> receipts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receipts);

        // Lists of rejections are long: a transaction has 4 MiB.
        IEnumerable<Receipt> single = receipts.Where(receipt => receipt.Rejections.Count > 0);
        IEnumerable<Receipt[]> together = receipts.Where(receipt => receipt.Rejections.Count == 0).GroupBy(receipt => receipt.Id.PartitionKey).SelectMany(day => day.Chunk(RowsPerTransaction));
        return Task.WhenAll(
        [
            .. single.Select(receipt => WriteAsync(receipt, cancellationToken)),
            .. together.Select(group => group.Length == 1
                ? WriteAsync(group[0], cancellationToken)
                : clients.Receipts.SubmitTransactionAsync(
                    group.Select(receipt => new TableTransactionAction(TableTransactionActionType.UpsertReplace, ToRow(receipt))), cancellationToken)),
        ]);
    }

    private static TableEntity ToRow(Receipt receipt)
    {
        var row = new TableEntity(receipt.Id.PartitionKey, receipt.Id.RowKey)
        {
            ["Source"] = Cut(receipt.Source),
            ["State"] = receipt.State.ToString(),
            ["ReadAt"] = receipt.ReadAt,
            ["DurationMs"] = receipt.DurationMs,
            ["Bytes"] = receipt.Bytes,
            ["DecompressedBytes"] = receipt.DecompressedBytes,
            ["Format"] = receipt.Format,
            ["Compression"] = receipt.Compression,
            ["Records"] = receipt.Records,
            ["Spans"] = receipt.Spans,
            ["Services"] = ServiceRows.Fit(receipt.Services, TextLimit, static services => JsonSerializer.Serialize(services, ReceiptJson.Default.IReadOnlyListServiceSpans)),
            ["Traces"] = receipt.Traces,
            ["Rejected"] = receipt.Rejected,
            ["Redacted"] = receipt.Redacted,
            ["Reason"] = Cut(receipt.Reason),
            ["Notes"] = JsonSerializer.Serialize(receipt.Notes, ReceiptJson.Default.IReadOnlyListString),
        };
        if (receipt.Erased > 0)
        {
            row["Erased"] = receipt.Erased;
        }

        if (receipt.Range is { } range)
        {
            row["From"] = range.From;
            row["To"] = range.To;
        }

        if (receipt.Rejections.Count > 0)
        {
            PackedProperties.Write(row, FittingRejections(receipt.Rejections));
        }

        return row;
    }

    /// <summary>A receipt by its id; null where there is none.</summary>
    public async Task<Receipt?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!ReceiptId.IsValid(id))
        {
            return null;
        }

        NullableResponse<TableEntity> found = await clients.Receipts.GetEntityIfExistsAsync<TableEntity>(
            ReceiptId.PartitionOf(id), id, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? ToReceipt(found.Value!) : null;
    }

    /// <summary>Receipts, the newest first, after a given one.</summary>
    public async IAsyncEnumerable<Receipt> ReadAsync(string? afterId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? filter = afterId is null
            ? null
            : TableClient.CreateQueryFilter($"PartitionKey ge {ReceiptId.PartitionOf(afterId)} and RowKey gt {afterId}");
        await foreach (TableEntity row in clients.Receipts.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            yield return ToReceipt(row);
        }
    }

    /// <summary>What receipts count, without their texts, of sources written from one time to before another.</summary>
    internal async IAsyncEnumerable<Receipt> ReadCountsAsync(
        DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string filter = ReceiptId.FilterOf(from, to);
        await foreach (TableEntity row in clients.Receipts.QueryAsync<TableEntity>(
            filter, select: CountedProperties, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            yield return ToReceipt(row);
        }
    }

    /// <summary>
    /// Deletes receipts of sources written in one hour, at most so many. Returns how many; fewer than that means that the hour has none left.
    /// </summary>
    internal async Task<int> DeleteAsync(DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken)
    {
        int deleted = 0;
        await foreach (Page<TableEntity> page in KeysAsync(from, to, cancellationToken).AsPages().ConfigureAwait(false))
        {
            deleted += await clients.Receipts.DeleteRowsAsync(page.Values, cancellationToken).ConfigureAwait(false);
            if (deleted >= limit)
            {
                break;
            }
        }

        return deleted;
    }

    /// <summary>Erases excerpts and reasons that tell of what is erased, on some pages of receipts. Returns how many receipts changed, and the next page.</summary>
    internal Task<(int Changed, string? Next)> EraseAsync(ErasureText text, string? from, CancellationToken cancellationToken) => clients.Receipts.LookAsync(
        TableClient.CreateQueryFilter($"Rejected gt {0L}"),
        ["PartitionKey", "RowKey", "Rejected", .. PackedProperties.All],
        from,
        async row =>
        {
            IReadOnlyList<Rejection> rejections = Rejections(row);
            Rejection[] erased = [.. rejections.Select(rejection => Erase(rejection, text))];
            if (erased.SequenceEqual(rejections))
            {
                return false;
            }

            // What is left is shorter: the properties that it needs replace those that there are, and the others go empty.
            var rest = new TableEntity(row.PartitionKey, row.RowKey);
            PackedProperties.Write(rest, FittingRejections(erased));
            foreach (string property in PackedProperties.All.Where(property => row.ContainsKey(property) && !rest.ContainsKey(property)))
            {
                rest[property] = Array.Empty<byte>();
            }

            await clients.Receipts.UpdateEntityAsync(rest, ETag.All, TableUpdateMode.Merge, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    private static Rejection Erase(Rejection rejection, ErasureText text) => rejection with
    {
        Reason = text.IsIn(rejection.Reason) ? Erased : rejection.Reason,
        Excerpt = text.IsIn(rejection.Excerpt) ? Erased : rejection.Excerpt,
    };

    /// <summary>When the newest source before a time was written; null where there is no receipt of one.</summary>
    internal async Task<DateTimeOffset?> NewestBeforeAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        await foreach (TableEntity row in KeysAsync(DateTimeOffset.UnixEpoch, time, cancellationToken).ConfigureAwait(false))
        {
            return ReceiptId.Parse(row.RowKey).WrittenAt;
        }

        return null;
    }

    private AsyncPageable<TableEntity> KeysAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        clients.Receipts.QueryAsync<TableEntity>(ReceiptId.FilterOf(from, to), select: Keys, cancellationToken: cancellationToken);

    /// <summary>As many of the first rejections as a row holds: a receipt that cannot be written would have its source read for ever.</summary>
    private static byte[] FittingRejections(IReadOnlyList<Rejection> rejections)
    {
        for (IReadOnlyList<Rejection> kept = rejections; ; kept = [.. kept.Take(kept.Count / 2)])
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(kept, ReceiptJson.Default.IReadOnlyListRejection);
            if (json.Length <= RejectionBytes)
            {
                return json;
            }
        }
    }

    private static string Cut(string text) => text.Length <= TextLimit ? text : text[..TextLimit];

    private static Receipt ToReceipt(TableEntity row)
    {
        return new Receipt(ReceiptId.Parse(row.RowKey), row.GetString("Source"), Enum.Parse<ReceiptState>(row.GetString("State")))
        {
            Range = row.GetInt64("From") is { } from ? new ByteRange(from, row.GetInt64("To") ?? from) : null,
            ReadAt = row.GetDateTimeOffset("ReadAt") ?? default,
            DurationMs = row.GetDouble("DurationMs") ?? 0,
            Bytes = row.GetInt64("Bytes") ?? 0,
            DecompressedBytes = row.GetInt64("DecompressedBytes") ?? 0,
            Format = row.GetString("Format") ?? string.Empty,
            Compression = row.GetString("Compression") ?? string.Empty,
            Records = row.GetInt64("Records") ?? 0,
            Spans = row.GetInt64("Spans") ?? 0,
            Services = JsonSerializer.Deserialize(row.GetString("Services") ?? "[]", ReceiptJson.Default.IReadOnlyListServiceSpans) ?? [],
            Erased = row.GetInt64("Erased") ?? 0,
            Traces = row.GetInt64("Traces") ?? 0,
            Rejected = row.GetInt64("Rejected") ?? 0,
            Redacted = row.GetInt64("Redacted") ?? 0,
            Reason = row.GetString("Reason") ?? string.Empty,
            Notes = JsonSerializer.Deserialize(row.GetString("Notes") ?? "[]", ReceiptJson.Default.IReadOnlyListString) ?? [],
            Rejections = Rejections(row),
        };
    }

    private static IReadOnlyList<Rejection> Rejections(TableEntity row) => PackedProperties.Read(row) is { Length: > 0 } rejections
        ? JsonSerializer.Deserialize(rejections, ReceiptJson.Default.IReadOnlyListRejection) ?? []
        : [];
}
