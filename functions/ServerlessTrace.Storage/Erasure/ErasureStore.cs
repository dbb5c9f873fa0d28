using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Storage.Rows;
using ServerlessTrace.Storage.Secrets;

namespace ServerlessTrace.Storage.Erasure;

/// <summary>Records of erasures, for good; and, as long as one is under way, what it erases and how far it has come.</summary>
public sealed class ErasureStore(StorageClients clients, ErasureKeyStore keys)
{
    private const byte Version = 1;
    private const string Records = "records";
    private const string Work = "work";
    private const string Batches = "batches";
    private const string HashProperty = "Hash";
    private const long LastMs = 9_999_999_999_999;
    private const int HashBytes = 16;
    private const int TimeDigits = 13;
    private const int IdLength = TimeDigits + 1 + 8;

    /// <summary>Begins an erasure, or finds the one that is under way for the same target.</summary>
    public async Task<ErasureRecord> BeginAsync(
        ErasureTarget target, DateTimeOffset now, Func<ErasureRecord, ErasureRecord> describe, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(describe);
        string hash = await HashAsync(target, cancellationToken).ConfigureAwait(false);
        ErasureWork work = new(describe(new ErasureRecord(NewId(now), hash, now) { Key = target.Key }), target);
        try
        {
            await clients.Erasures.AddEntityAsync(Row(Work, WorkKey(hash), work, ErasureJson.Default.ErasureWork), cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.Status == 409)
        {
            work = await FindWorkAsync(hash, cancellationToken).ConfigureAwait(false) ?? throw new InvalidOperationException("It ended just now: ask again.", exception);
        }

        // Also for one that is under way: whoever began it may have died before this.
        await WriteAsync(work.Record, cancellationToken).ConfigureAwait(false);
        return work.Record;
    }

    /// <summary>Whether a text has the form of an erasure's id.</summary>
    public static bool IsId(string text) =>
        text is { Length: IdLength } && text[TimeDigits] == '-' && text[..TimeDigits].All(char.IsAsciiDigit) && text[(TimeDigits + 1)..].All(char.IsAsciiHexDigitLower);

    /// <summary>A record; null where there is none.</summary>
    public async Task<ErasureRecord?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!IsId(id))
        {
            return null;
        }

        return await ReadAsync(Records, RecordKey(id), ErasureJson.Default.ErasureRecord, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Records, the latest first.</summary>
    /// <param name="after">Only those after this one in the list; null for all.</param>
    /// <param name="target">Only those of a target; null for all.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<ErasureRecord> ReadAsync(string? after, ErasureTarget? target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Records} and RowKey gt {RecordKey(after ?? string.Empty)}");
        if (target is not null)
        {
            filter += TableClient.CreateQueryFilter($" and Hash eq {await HashAsync(target, cancellationToken).ConfigureAwait(false)}");
        }

        await foreach (TableEntity row in clients.Erasures.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            yield return Content(row, ErasureJson.Default.ErasureRecord);
        }
    }

    /// <summary>Writes a record over an earlier state of it.</summary>
    public Task WriteAsync(ErasureRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        TableEntity row = Row(Records, RecordKey(record.Id), record, ErasureJson.Default.ErasureRecord);
        row[HashProperty] = record.Hash;
        return clients.Erasures.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken);
    }

    /// <summary>The erasures that are not done.</summary>
    public async Task<IReadOnlyList<ErasureWork>> ReadWorkAsync(CancellationToken cancellationToken)
    {
        var found = new List<ErasureWork>();
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Work}");
        await foreach (TableEntity row in clients.Erasures.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            found.Add(Content(row, ErasureJson.Default.ErasureWork));
        }

        return found;
    }

    /// <summary>What an erasure that is under way erases; null where it is done.</summary>
    internal Task<ErasureWork?> FindWorkAsync(string hash, CancellationToken cancellationToken) =>
        ReadAsync(Work, WorkKey(hash), ErasureJson.Default.ErasureWork, cancellationToken);

    /// <summary>Writes some traces of an erasure.</summary>
    internal Task WriteBatchAsync(string id, string batch, IReadOnlyList<ErasureEntry> entries, CancellationToken cancellationToken) => clients.Erasures.UpsertEntityAsync(
        Row(Batches, BatchKey(id, batch), entries, ErasureJson.Default.IReadOnlyListErasureEntry), TableUpdateMode.Replace, cancellationToken);

    /// <summary>The traces of an erasure, batch by batch, in the order of the batches' names.</summary>
    internal async IAsyncEnumerable<(string Batch, IReadOnlyList<ErasureEntry> Entries)> ReadBatchesAsync(
        string id, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string first = BatchKey(id, after ?? string.Empty);
        string end = BatchKey(id, "~");
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Batches} and RowKey gt {first} and RowKey lt {end}");
        await foreach (TableEntity row in clients.Erasures.QueryAsync<TableEntity>(filter, maxPerPage: 20, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            yield return (row.RowKey[BatchKey(id, string.Empty).Length..], Content(row, ErasureJson.Default.IReadOnlyListErasureEntry));
        }
    }

    /// <summary>Writes the record of an erasure that is done, and forgets what it erased.</summary>
    internal async Task EndAsync(ErasureRecord record, CancellationToken cancellationToken)
    {
        await WriteAsync(record, cancellationToken).ConfigureAwait(false);
        var batches = new List<TableEntity>();
        string first = BatchKey(record.Id, string.Empty);
        string end = BatchKey(record.Id, "~");
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Batches} and RowKey gt {first} and RowKey lt {end}");
        await foreach (TableEntity row in clients.Erasures.QueryAsync<TableEntity>(filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            batches.Add(row);
        }

        await clients.Erasures.DeleteRowsAsync(batches, cancellationToken).ConfigureAwait(false);

        // Last: as long as it is there, the whole is repeated.
        await clients.Erasures.DeleteEntityAsync(Work, WorkKey(record.Hash), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes records of erasures that were asked for before a time; a page of them at most. Returns how many.</summary>
    internal async Task<int> DeleteBeforeAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Records} and RowKey gt {RecordKey(Inverted(time))}");
        await foreach (Page<TableEntity> page in clients.Erasures.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).AsPages().ConfigureAwait(false))
        {
            return await clients.Erasures.DeleteRowsAsync(page.Values, cancellationToken).ConfigureAwait(false);
        }

        return 0;
    }

    private async Task<string> HashAsync(ErasureTarget target, CancellationToken cancellationToken)
    {
        byte[] key = await keys.GetAsync(cancellationToken).ConfigureAwait(false);
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(target.Identity)).AsSpan(0, HashBytes));
    }

    private async Task<T?> ReadAsync<T>(string partition, string rowKey, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        NullableResponse<TableEntity> found = await clients.Erasures.GetEntityIfExistsAsync<TableEntity>(
            partition, rowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? Content(found.Value!, type) : null;
    }

    private static TableEntity Row<T>(string partition, string rowKey, T content, JsonTypeInfo<T> type)
    {
        var row = new TableEntity(partition, rowKey);
        PackedProperties.Write(row, [Version, .. JsonSerializer.SerializeToUtf8Bytes(content, type)]);
        return row;
    }

    private static T Content<T>(TableEntity row, JsonTypeInfo<T> type)
    {
        byte[] bytes = PackedProperties.Read(row);
        return bytes is [Version, ..]
            ? JsonSerializer.Deserialize(bytes.AsSpan(1), type)!
            : throw new InvalidDataException($"The row '{row.RowKey}' has an unknown form. It was written by another version, or is damaged.");
    }

    private static string NewId(DateTimeOffset now) => $"{Inverted(now)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";

    // Counted backwards: the latest first.
    private static string Inverted(DateTimeOffset time) => (LastMs - time.ToUnixTimeMilliseconds()).ToString("D13", CultureInfo.InvariantCulture);

    private static string RecordKey(string id) => $"r-{id}";

    private static string WorkKey(string hash) => $"w-{hash}";

    private static string BatchKey(string id, string batch) => $"b-{id}-{batch}";
}
